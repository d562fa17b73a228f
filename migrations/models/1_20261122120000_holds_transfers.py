from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "transfer" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "programme_id" UUID NOT NULL,
            "direction" VARCHAR(3) NOT NULL,
            "counterpart_id" UUID NOT NULL,
            "points" BIGINT NOT NULL,
            "note" TEXT,
            "created_at" TIMESTAMPTZ NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "transfer" IS '`direction` is OUT for the giver and IN for the receiver.';
        ALTER TABLE "transfer"
            ADD CONSTRAINT transfer_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT transfer_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT transfer_direction CHECK (direction IN ('OUT', 'IN')),
            ADD CONSTRAINT transfer_points CHECK (points > 0),
            ADD CONSTRAINT transfer_not_to_oneself CHECK (counterpart_id <> member_id);
        ALTER TABLE "ledger_entry"
            ADD COLUMN "transfer_id" UUID,
            ADD COLUMN "holds_until" TIMESTAMPTZ,
            ADD CONSTRAINT ledger_entry_transfer FOREIGN KEY (member_id, transfer_id) REFERENCES transfer (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT ledger_entry_hold_dies CHECK ((kind = 'HOLD') = (holds_until IS NOT NULL));
        ALTER TABLE "redemption"
            ALTER COLUMN "reward_id" DROP NOT NULL,
            ADD COLUMN "hold_expires_at" TIMESTAMPTZ,
            ADD COLUMN "released_at" TIMESTAMPTZ,
            ADD COLUMN "tracking" VARCHAR(200),
            DROP CONSTRAINT redemption_status,
            ADD CONSTRAINT redemption_status CHECK (status IN ('HELD', 'CONFIRMED', 'FULFILLED', 'RELEASED', 'CANCELLED')),
            ADD CONSTRAINT redemption_held CHECK (status <> 'HELD' OR hold_expires_at IS NOT NULL),
            ADD CONSTRAINT redemption_released CHECK ((status = 'RELEASED') = (released_at IS NOT NULL));
        CREATE INDEX redemption_dead_hold ON redemption (hold_expires_at) WHERE status = 'HELD';
        CREATE INDEX redemption_held_reward ON redemption (reward_id, hold_expires_at) WHERE status = 'HELD';
        ALTER TABLE "reward"
            ADD COLUMN "low_water" INT,
            ADD COLUMN "partner_id" UUID,
            ADD CONSTRAINT reward_partner FOREIGN KEY (partner_id) REFERENCES partner (id) ON DELETE RESTRICT,
            ADD CONSTRAINT reward_low_water CHECK (low_water >= 0);
        ALTER TABLE "coupon_code"
            ADD COLUMN "programme_id" UUID,
            ADD COLUMN "valid_until" TIMESTAMPTZ,
            ADD COLUMN "used_at" TIMESTAMPTZ,
            ADD COLUMN "used_by" VARCHAR(200);
        UPDATE "coupon_code" SET programme_id = reward.programme_id FROM reward WHERE reward.id = coupon_code.reward_id;
        INSERT INTO "coupon_code" (id, programme_id, reward_id, code, status, member_id, redemption_id, imported_at, issued_at)
            SELECT gen_random_uuid(), r.programme_id, r.reward_id, given.code, 'ISSUED', r.member_id, r.id, r.created_at, r.created_at
            FROM redemption r CROSS JOIN LATERAL jsonb_array_elements_text(r.codes) AS given (code)
            WHERE r.status = 'FULFILLED' AND NOT EXISTS (SELECT 1 FROM coupon_code c WHERE c.redemption_id = r.id);
        ALTER TABLE "coupon_code"
            ALTER COLUMN "programme_id" SET NOT NULL,
            ADD CONSTRAINT coupon_code_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            DROP CONSTRAINT coupon_code_once,
            ADD CONSTRAINT coupon_code_once UNIQUE (programme_id, code),
            ADD CONSTRAINT coupon_code_used CHECK ((status = 'USED') = (used_at IS NOT NULL) AND (used_at IS NULL) = (used_by IS NULL));
        COMMENT ON TABLE "coupon_code" IS 'A coupon''s code, imported or made for it, and the redemption that it was given to.';"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "coupon_code" DROP CONSTRAINT coupon_code_once, ADD CONSTRAINT coupon_code_once UNIQUE (reward_id, code), DROP CONSTRAINT coupon_code_used, DROP COLUMN "programme_id", DROP COLUMN "valid_until", DROP COLUMN "used_at", DROP COLUMN "used_by";
        ALTER TABLE "reward" DROP COLUMN "low_water", DROP COLUMN "partner_id";
        ALTER TABLE "ledger_entry" DROP COLUMN "transfer_id", DROP COLUMN "holds_until";
        DROP TABLE "transfer";"""


MODELS_STATE = (
"eJztXWtz2ziW/SsofUlPlSaV2ImTSba2yk57p72bxF0dZ3pmNlsUREIW1hSgJkArmpn+7w"
    "OAFF8CaYF6mKLvl26HwAGpe0ngPg4u/jmY8YCE4vm57/OYycE79M8BwzOi/qg2DdEAz+d5"
    "g74g8Tg0fXGh01jICPt6rAkOBVGXAiL8iM4l5Ux3vmYERXyB5iRCMzIbk+gdklOCQu7fIT"
    "5B5J5ES7SIqFRgzAK0mGKJMIoIDhAjJBDqCg0JYlxOKbtFVKAgJs/13QPuq9uri/u80Tf2"
    "jf3MKZMC4YioPlz3ifUNxBD9g0QccXVHHpHnaMTId+kplIflSA+gH4DgKKRESESZkJipe0"
    "p9J3/6jUk6IwiHXD26P8XslhjE7D0ahVhIb4rFdGTGmOqHVD9C/538uGdCQygzP40pKRBh"
    "ZBIz+pu6v+S3RHWOlGT+9//UZcoC8p2I1T/nd96EkjAovwNmYI8GehzT7Mnl3DR9/Xr143"
    "8ZgBb72PN5GM/YGmi+lFPOMlQc0+C5huq2W8JIhCUJCu8Ki8MwfatWl5LnVxdkFJPswYP8"
    "QkAmOA71Gzf4j0nMfP2iIXMn/Z9X/5k+YaGb532+vvG+XN543mDtBdWPUHmV0ks+Z/rl1p"
    "rXYvo9GTeXi7k60Df48NP5Lz+cnv3BiIALeRuZRiO1we8GiCVOoEYFucznEb+N8GxGHMVe"
    "xe1S8qsLuejzb3sl1JXYOibogmAJC/Rd1mR6QW+vmKyRag6qCJQm892RiVI9r/rfH/90cn"
    "J6+ubkxenZ29ev3rx5/fbFW9XXPPF605sG+V9c/fnq841+IK5m/WQ10BfKosf3mCYScRJ+"
    "CQbiby3+aSrczSW/QoDQWwudL4ij0FcIEHproQuifjzzHeeZIgqE31r4mYVqkz7D0dIu/R"
    "KsIv7xUhJxhApokuXH6ws98kyI30J94S/nv1xcfT7/5W8/fDr/qzFkZsu06eP15z+v+het"
    "m4u/3Vye26QfEZ9HAQmUt7GuhB+V/LR/0aCGCr6ijSAd4Pnqjw00k9roR6CYm6tPl19uzj"
    "/9XNLOj+c3l7rlpKSY1dUfEssz/yqyQdCvVzc/If1P9Pfrz5dVDWb9bv4+0M+EY8k9xhce"
    "DooyWV1eXVrXOJlMiPJ47klblVcHAJ13WeeFcIKrtitQ0HOX9SwpidYV/GGKI7tyV/0rWl"
    "XiOcLVczDD372QsFs5Vf88e9WgWLV4mhDA2auKsj6nLSem6fc14XqCWu3E5m+ojNzBJ9Q1"
    "0fftG/JiJmnYSs0ZEmbKrmlZB6wnd4Xwqb4wxv7dAkeBt9bCT3hd3/Wm2cmsegUzfGuUpK"
    "WpnzPLjSi7icrlwJo3SduGzYmTQq8HMyejBdWJCC+kM5pkE0xHNOER0hkDqfMXCyyQkDwi"
    "wVAnGhgJsvyFznEIvNRpjeV6umTno2+ReHALfUOqoV2qoVvpne7OiS5JBsje7EewRhIuBn"
    "HaHwziDQziiExIZI+b1ku4BOqhmF+evN1AzqpXraBNW1XScx5JN9+uiOmhnE9evNhAzqpX"
    "rZxNWyX74vtxFLUKhFag4OR1zvwvf1CtI967D3aDovenaCzVbx3HaT6orOf//nL9uYZCUE"
    "JVVUx9if6FQiqOMcnXoFwtj5JeV3NllmIqTKMfLAkmPcBFZUotuoeWDB/nIcHMroUqtJrl"
    "U9h+KeDi+vpjSQEXV5X06eevny4ulflgtKE6UVmTVZ0bpqFF4E2spQwD6ezW6ew5D6m/9O"
    "5JJNTzuvpzNjA4dRURk+/zEDNsbu4wqVdgMKtvMaur20vC2vA2qkigbgwdqBtdCWGHIfdx"
    "KqP1IHbeOmwMY5f7bbQFQPLYn2quOkYhl2i8RJgZ3vryHaJSIF+5YFQOVXNAxlSiHxi5xZ"
    "qn8Iehptdrmr4ORJu72rn/O78DBLQ7sX5AQPuQS7T+XhwlWsSAQKs8PS4dxZkjQJjgHD2e"
    "c9QVk0UPYbVWTEOzoZJ1edBGqe7we49GhchwtpdvogZ5JoZI8CRBrmwNHeVAZkOk0EYHle"
    "vmya4HB8ukExMTWCYHnPuj2LafrCGNFls3kvUhhbb7jDAsrI+1bQwSl08jnzXm/E79Vscl"
    "oYzaYk04Hkaqw5KwolM6CrUCA6l2xta/SF73gcXaXzU12vvjQqcHLf7zWWJWa6t8RhmPkN"
    "Kj+jefoJGZWZm/HClL3cdi6pkOmaE+x5HURFj1Bw0QZShZC9cN/z3dA+z/DnwzYP8D1bYP"
    "ggU2KLBB+8UG1WZAK5eqBASHqtMOFTBBn4iiV3ayy6xZxPRw1jzdYM48rZ0xT9eif3g509"
    "SemfImuMW4qpfzOrKVtDvmR+99QzqXOEzcPbeQawUIcdfWcdfc4XbTQBkHCtiCbgsZB+A5"
    "d00lu/GoBcNzMeUWu7Se5FzEAMN5C4YzkMwfXQVAMn/SJPM0VfORMjKoz+SY5uEG2RwvXP"
    "V8KKVTrw9ImHRiiYSEyQGtkEdmHPRTqMm5D+sCrfVZckCffJaTl6/evHp7evYqc1WyK00e"
    "isUbiXgQ+xZLuSHmlEN6GNrbfbQJGw5Cm2BHFdmnNxjiTU9LAeoB7knoTSI+s6eLaiKuZV"
    "hTquj44twNQtWZH7sEJW8hvwT0lKUH9UweOSgBAeent3fsA4/nnH1Q/xhYAhGF1mFTHMI3"
    "/dRrEWwWhhicowSij2hToCGiM0PiCcxBcThIiqyavegsMGTPiARkZvDJzi+alF69pfdEXe"
    "EWYunOb6GPuRtlHvXI4EY5KLmmN7BR9SXEUo9P6C1Dd2Qp3iGMfOXah/w2Tg7hY/q0vW/q"
    "Ndcnagmkboqzc+uAwtodzxYOpnsEvqWZ2NykWgKBSNcSDoETe3XVv4fxg70QV4XEMrbYTv"
    "USzhF9lPHZJiKucuYKEj6rCvhRw9/H41c5zbIFy8Vtpq0AQbJlya4szRbE2woUiLedJt7e"
    "45AG7U5UqUDhSJUu65kKEbf7nItA0HGXdRyLVhouwEC/ndfv2GmPRAHSP9L+XvaV3XPabs"
    "NRCQgfUtc+pI5Eq6+048Gl3rf0P8R6ylilx7Apak3zvt4d2ezIsb0Q6NKbbzotpd13EzZ4"
    "OFR7jIEZCNoePsKIw9Bt43aO6GEEbD+H+MxJVMPbrxdzCdRDSe+eD0bZPJaemOKT12frkm"
    "5i51eRwM4fOrDzy9FJoX/CmvTrmSA5YisWyPFYjvvZmRIR3C50WUZC5BKMeLsR/5EEtyS6"
    "1CXRBxYLvtjcaL6HpqNHsp4bsE6UGKk+0AAlpHNdZSxhMKEZvycB0ixGc7bvOPbviESSI6"
    "yP8yXR+4SwgfwpZupnITyRJNLCsNU02899DP9kypWMk7hxVgiNfPfDWOjbUfXCYiaRPph4"
    "Sv0pwuin648/ooAS8Rzd6ArKPI7Q6Ft88uLkzDODj1DyDYtvTLNX9IArHgoa4xAzn6g/yJ"
    "Qamoy6pZH4ezTSW9DMM3z56fyPasFDXD94CT+PyD3lsRpad06ZNqshDFHGHDyRH5chTJ+Q"
    "Qxm3Lln5sCvpgI6UIOrHWIuNNRExiyigYrYmwd+pX+sUi0n799Cv2j2HQ696XrLiuci4Ag"
    "NRbyBqZfq5C7oEAjFvIGagzD/SPE0mE6KLVJMWjmoVC65q51xVKGP4BBWtN0LojfXGK3Wc"
    "U6tQmFpbT634HlMjkTaKsIBBFa1VMdXAFloo40ABrRXAF6SVAso4UEBrBcChMLsPMMGhML"
    "Cd4pgkqwZkYuIcZa7AQKoV2yJPJLm6VRUo0DW77FWpadtWUqc+CpgBehgB3AsrKyJY2ChZ"
    "N+R7jXmYI/rAK2/6Wi7/elP6UNYoKiVy0Kp7lbdSmbmci6ZCsdQjLpb6URnz8Xxgo4okLc"
    "NGlkje50F+yK+66oe+hzDcDF2lg0/Mn0nGWp8xh1HGBNY1PbJTnnQZEaSmZSVDMdTFPtSj"
    "rDND9nKHLUgS9ziMneoCZIDesc/PNloazhqWhrPV0gDs88OTJnw+d3qRM0APrZyeVV/omr"
    "B3FC9QZrxjoCBDgDC7ZJ5Iu20iHzJM5GZWybWyDvyIBFQabuTClCYTKCQTqY0HKtfNjIch"
    "hktaSNZIQ+TUP00TR8OEBppSVjUrNE2wvUcj8n1OlSJWkJx7qu+kB/jGdGG1FGsKqSWM1g"
    "T4XJdMmyn1q9EyAquIZ/q59J9KLM9KhFDggXblg2sybGCB2P1xvsAtepycUzY/ucm+BAPx"
    "t6d24Yi1YvuUgMD16XZUumB6uOq5ioX8Q5c1nduLzt9zCQla7rKW4czEvduDykkI3Aos5I"
    "geBrl2s+2/I0GET8YTGljiCGnLsCmUMMv7bJDj4IUtmsoBf4e0d67eDyV65eZHgjMcIr2N"
    "NBBI+dqJY08ZGiWplNEQqUnANKjnsOY49nCHLQIA3XJNn0Y4APIce2OZpdlAl3WgBOrhUr"
    "CXit7m/w5CXvXvA6PjAKQZHSyxEM/q5ZsBeijg15vYMqpXvYBfrxUxmishOb3AGaB/Aj49"
    "2UC+pye14tVNFV46jeQ0wJa6ffUnfRUxT/mgr5UcvLTGiUct5LnaMGsNulXAtWNi3PXRoT"
    "qHFjrNATmij2bC7rd/R3xCbRKur1JWgMBhdVvUKYMDV/b8bv8/p+3SMCUgpGE6HbY1nmGE"
    "Q8/1fKg1IHxTG3xTidRq6tA37RArwWAnU2fittexHPPvl/eEWUlgxeZhUwSXm44eyXo+Sh"
    "1yoEoBVepoZoCKHQ7h5r1sveVz6rvYBRmgh/bA7guNz/Ey5Njyyjb4jzkE/Mct/EeoKtVj"
    "F6cj1uHPOJLMntZfNTVahfNCJzAIe2sQgvUCh14fn+1y0Px4t4W7lwQ5HMQB5slBzJOak/"
    "QKrZsYKRufoDc4N1sTCZMUh+/0tj+MBFGXJFJDIM7CZXagBBXq2ly+1zUR4nFIfdNligVi"
    "PAXZTt/Y6fhmp6TZLS5GZiukIOon648FjZdIzLFPhH2AVDL72MBYP81aTYHjr86wKwYHWG"
    "GHD86lE4SjWEsoSHlU2HPsnkaczdJ0wcYcujKsh6bY7nN2yTLQ6jTANWjL+lPH8wrv6zTA"
    "ZP11edVzRA/fcnA4OvPGH4XDUQ583/O7lnHvIhL2Y3ZNy11xK81uzr8kmzkHNs+y1GHY6F"
    "yWdoZu5l+O8vNd9MlReWEbXZYGo3SspDKNqWSbnMaot6yNyS1luoSDqUaj3+Y173Lno0N4"
    "vhO2NTiGB3diCl/1htz/AqJPBVZ2Rvgvz02u6/s6Gtb4rq3xRW2rXxvbIwD19JEiBvgjW/"
    "BHGJeW9Fd9ye9V/154o01f0T4qfpvYupjWEKcbtjRWcL0Q/gFCAbnc3L3EKhbCAZ1bRLri"
    "KK4M5IHNScwah40OYqkbkKR664U9LpenQ5nQ3TN5/JD7dx6fTIROVhB198Cx7GjdCH1y0g"
    "5cBROi8bD87nf5/SU7d862/hZaGxfgqNzv4ehsUqLYxE1NXfIFFkjiO8LM2Sdh+B6NFjyS"
    "U29GGY9GafFyicbxUgx1H3MdqZdRCkt4dufDg2XQccsA9tPBfrpjEWxEzLztekBoAQRMKK"
    "gDctgaN3AMweN4AL/FmEkqLQHPWrkXIX2S/M4SZAXTz+2NrgB7VG3s0H5tHOlSpE5h/CKm"
    "h3P26SbU9npm+1o4Rzlplvm6PieYASAhuEVCEM5Z3ntWCs4Y2PuOWYg69jXqWDpBm6vf0P"
    "5gFgscmEJd1ndEQoJFS9J3CQp67rKedez9znpwXUPFpgKmf5W/92KITOJwQsOw1fdUxcIH"
    "1eUPysfMJy01XcWCpo9D024UwyoOptDNNhsasXnKaRC2HQD1PNo1YB8Efgg+bWdYB3qMgZ"
    "VxYFqGzWyDrM/DTAM9vq7ZwQI0KrSlZTzGS5ScdlBlBFChaQDm/PNVOvOZQKsYpIVysJ/7"
    "mLojoZrEFuo1TrpP+QIpwS7RnHM14yATuDM3MSe7L6aEIcFnZMyDJZrFQqIxQVI5a7o+SS"
    "I6tKByirAaOi+wYMZWoqb3JEqqmpjda2kHUzEFmBDdidbATrXDh8WgkNz+6KfK+XSqcLTq"
    "30Ph7j57b9Yml2RQBoBk0BbJoKIZ4CL9Kg6UsIUStJi8NvSVCrBPTIoDZ/v5nDDvHoexZf"
    "m80EYsZnYVlIHVukkKeYQqaJLm9fXH0vt/cVV1475+urhUk7/5GFQnKmtEDhSXx37p6Uy5"
    "vl4cWY43rY9rlEAQ03DfI6wmCxq0qntQRkKYtsth2kRXMZO2w4M3UXMGBT13Wc9qGaKzeO"
    "ZJSpxIVVVcH2bSvZ9CQyIv3Q8T0hm1JLrqid4WaI8Mh53xjpOArVdDzWy0hKtQsIU3t4Wz"
    "8LnDK13CwLtseZehnvPOA8zY1N1ynBlyEMwJm88JQHHtrQHZqRT3F8n9u0FtnjtpHj6c7P"
    "ZE1vPBlPevZjO7SNLB5uSLNOtrEro+ZiiKGeKxfI84IyYXrP6hu/EFmpKI6D6MWw7V2OnI"
    "WySSH3UD7RNNK0dkpu5gpZU2xRNLMIihO4UTOzKT3SgvWvnazPzutYms0No4j2lf3PPzjp"
    "ucEGR6J3WSSZSQVlaVOnRFj4D4NCCBmmus5/+4oYHX0vEJCCp87Nzh0NFu5+BaCdRD+sXu"
    "Q2vKQHUVcgECIt5AxHnVaneProoFn65zPh2c2f0kFW3fFlA/a265H6Brytz3pEnZPLaxou"
    "qZaTkCOGlbcNKghsHeTdsx53o/q6NsyyjIT3QrBhGRgMpBXQwiaR0+HIPIO24WStWhzInq"
    "hnweK3kiyZOYpxpMDJHqoHfv6A7PBOILXWJUSMzqwqfbjAYxig58EUOIUcBEftwyNTljKp"
    "eOQq3AQKoVmrtvtm22cUwrUHBMO+6YQgTiSShazAkL2uyiqAAh79l6G0W6kFuiFLXCL0L6"
    "JPmdcfcYvZ3a4j61Es0BIE8rrxeKYz85UkSEmZgYH3w9HLFqGzYGI4q9Hq5jEtCIGO/YFO"
    "q4/npjzprWwYJbXbLDFB65+pxdVJ2Jvm6pVLLNSBCB6ITTARGIvYsYCqrsXbDZROSS4yuB"
    "epjm23kd+JhJEumNF46v7zoSXmAw/LrhFR703O3jCVbuZUs9bJVppYpjiHV1xJc6JxH1pw"
    "OLJ5W2DJv8KJz36czJz7Wzv3Uhtcz86ZyznT/T+RBKvRuTsltcDMMCpIdm4cnr1xsYhqpX"
    "ff1d3VbJA6qPykHCafceSvflRtWNXzZUN35pqW7Mlf3MLKtm0yFMGQQIdo4Eu0ddzH7/N5"
    "BIl5U="
)
