from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "amendment" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "booking_id" UUID NOT NULL,
            "version" INT NOT NULL,
            "reference" VARCHAR(128) NOT NULL,
            "reporter" VARCHAR(200) NOT NULL,
            "amended_at" TIMESTAMPTZ NOT NULL,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            "total_minor" BIGINT NOT NULL,
            "cash_minor" BIGINT NOT NULL,
            "cash_change_minor" BIGINT NOT NULL,
            "points" BIGINT NOT NULL,
            "points_awarded" BIGINT NOT NULL,
            "points_reissued" BIGINT NOT NULL,
            "points_clawed_back" BIGINT NOT NULL,
            "points_owed" BIGINT NOT NULL,
            "points_forgiven" BIGINT NOT NULL,
            "points_expired" BIGINT NOT NULL,
            "points_reinstated" BIGINT NOT NULL,
            "awarded" JSONB NOT NULL,
            "allowances" JSONB NOT NULL,
            "explanation" JSONB NOT NULL,
            "content_hash" BYTEA NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "amendment" IS 'The booking''s totals behind it, and the points that it gave and took.';
        CREATE TABLE "amendment_line" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "amendment_id" UUID NOT NULL,
            "booking_id" UUID NOT NULL,
            "version" INT NOT NULL,
            "line_number" INT NOT NULL,
            "product" VARCHAR(64) NOT NULL,
            "amount_minor" BIGINT NOT NULL,
            "cash_minor" BIGINT NOT NULL,
            "travel_from" DATE,
            "travel_to" DATE,
            "attributes" JSONB NOT NULL,
            "points" BIGINT NOT NULL,
            "points_returned" BIGINT NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "amendment_line" IS 'One line as it is since an amendment; `points_returned` came back of what paid for it.';
        ALTER TABLE "amendment"
            ADD CONSTRAINT amendment_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT amendment_reference UNIQUE (member_id, booking_id, reference),
            ADD CONSTRAINT amendment_version UNIQUE (member_id, booking_id, version),
            ADD CONSTRAINT amendment_version_counts CHECK (version >= 1),
            ADD CONSTRAINT amendment_amounts CHECK (cash_minor >= 0 AND cash_minor <= total_minor),
            ADD CONSTRAINT amendment_points CHECK (points >= 0 AND points_awarded >= 0 AND points_reissued >= 0 AND points_clawed_back >= 0 AND points_owed >= 0 AND points_owed <= points_clawed_back AND points_forgiven >= 0 AND points_expired >= 0 AND points_reinstated >= 0),
            ADD CONSTRAINT amendment_content CHECK (octet_length(content_hash) = 32);
        ALTER TABLE "booking_line"
            ADD COLUMN "amendment_id" UUID,
            ADD CONSTRAINT booking_line_amendment FOREIGN KEY (member_id, amendment_id) REFERENCES amendment (member_id, id) ON DELETE RESTRICT;
        ALTER TABLE "amendment_line"
            ADD CONSTRAINT amendment_line_amendment FOREIGN KEY (member_id, amendment_id) REFERENCES amendment (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT amendment_line_line FOREIGN KEY (member_id, booking_id, line_number) REFERENCES booking_line (member_id, booking_id, number) ON DELETE RESTRICT,
            ADD CONSTRAINT amendment_line_once UNIQUE (member_id, booking_id, line_number, version),
            ADD CONSTRAINT amendment_line_amounts CHECK (cash_minor >= 0 AND cash_minor <= amount_minor AND points >= 0 AND points_returned >= 0),
            ADD CONSTRAINT amendment_line_travel CHECK (travel_to >= travel_from);
        ALTER TABLE "award"
            ADD COLUMN "amendment_id" UUID,
            ADD CONSTRAINT award_amendment FOREIGN KEY (member_id, amendment_id) REFERENCES amendment (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT award_one_change CHECK (refund_id IS NULL OR amendment_id IS NULL),
            DROP CONSTRAINT award_points,
            ADD CONSTRAINT award_points CHECK (CASE WHEN refund_id IS NULL AND amendment_id IS NULL THEN points > 0 ELSE points <> 0 END);
        ALTER TABLE "ledger_entry"
            ADD COLUMN "amendment_id" UUID,
            ADD CONSTRAINT ledger_entry_amendment FOREIGN KEY (member_id, amendment_id) REFERENCES amendment (member_id, id) ON DELETE RESTRICT;"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "ledger_entry" DROP COLUMN "amendment_id";
        ALTER TABLE "award" DROP COLUMN "amendment_id", ADD CONSTRAINT award_points CHECK (CASE WHEN refund_id IS NULL THEN points > 0 ELSE points <> 0 END) NOT VALID;
        ALTER TABLE "booking_line" DROP COLUMN "amendment_id";
        DROP TABLE "amendment_line";
        DROP TABLE "amendment";"""


MODELS_STATE = (
    "eJztXfuT2zaS/ldQ+sXZKq0rmbGdnOfqqmYS78a3tieVTPZ1vqIgEhrhhgIUApSs28v/fm"
    "jwIb5HpB5DcfqH3YxJfCDVTYL9+Lrxr9FCesxXL69dV4ZCj96Sf40EXTDzR/HUmIzocrk9"
    "AQc0nfp2LM0MmiodUBfmmlFfMXPIY8oN+FJzKWDwrWAkkGuyZAFZsMWUBW+JnjPiS/eByB"
    "lhKxZsyDrg2oCp8Mh6TjWhJGDUI4IxT5kj3GdESD3n4p5wRbyQvYSre9I1lzcHj3mhz+Kz"
    "+ElyoRWhATNjJIwJ4QJqTP6XBZJIc0UZsJdkItgX7RiUQ/UEJoAbYDTwOVOacKE0FeaaGq"
    "7kzj8LzReMUF+aW3fnVNwzi1hckYlPlXbmVM0ndo453KT5EfB39ONeKIBwYX+aMFJgysok"
    "FPw3c30t75kZHBjJ/Nd/m8NceOwLU8k/lw/OjDPfyz8DdmKHezCPPe3ozdKe+vXX9z/8yQ"
    "JA7FPHlX64ECXQcqPnUqSoMOTeS4DCuXsmWEA18zLPigh9P36qkkPR/ZsDOghZeuPe9oDH"
    "ZjT04Ykb/fssFC48aMReCf7v1X/Ed5gZ5jifbu+cX97dOc6o9IDCLRQepfiQKwU83KB5EN"
    "Pv0bxbudijI7jA9z9e//zV5Zs/WBFIpe8De9JKbfS7BVJNI6hVwVbmy0DeB3SxYC3FXsQd"
    "UvLJga3ot+92ItREbD0TdEawTHhwlZJMb/j9e6FrpLoFFQTKo/XuzERp7tf854//dnFxef"
    "ntxdeXb757/erbb19/9/V3Zqy94/Kpbxvkf/P+z+8/3cENSbPqR18DOJAXPV1RHkmklfBz"
    "MBR/Z/HPY+HuLvkEgULvLHS5Zi2FniBQ6J2Frpj58cJtuc5kUSj8zsJPLdQq6QsabKqln4"
    "MVxD/daKbOUAFNsvxwewMzL5T6zYcDf73++eb9p+uf//HVx+u/W0NmsYlPfbj99OdkfNa6"
    "ufnH3bvrKukHzJWBxzzjbZSV8IORH/gXDWoo4Ava8OIJXiZ/7KCZ2EY/A8Xcvf/47pe764"
    "8/5bTzw/XdOzhzkVNMcvSryPLcvhXpJORv7+9+JPBP8s/bT++KGkzH3f1zBPdEQy0dIdcO"
    "9bIySQ4nh8oaZ7MZMx7PinVVeXEC1HmfdZ4JJ7TVdgGKeu6znjVnQVnB389pUK3cZHxBq0"
    "Y8Z/j1HC3oF8dn4l7PzT/fvGpQrPl42hDAm1cFZX2Kz1zYU7+XhOsoXmknNr9DeeQBXqG+"
    "iX5o75ATCs39TmpOkbhS9k3LELCePWTCp3BgSt2HNQ08p3RGXsi6seVTi4tF8QgV9N4qCa"
    "QJ95nmRozdxPVmVJk3ic+NmxMnmVGPZk4maw6JCMfnCx5lE+xAMpMBgYyBhvzFmiqitAyY"
    "N4ZEg2Bemr+AHIeiG0hrbMrpkoPPvkfioV3oG1MN3VIN/Urv9HdNbJNkwOzNcQRrJdHGII"
    "7Ho0G8g0EcsBkLquOm9RLOgQYo5m8uvttBzmZUraDtuaKklzLQ7Xy7LGaAcr74+usd5GxG"
    "1crZnitkX1w3DIJOgdACFJ283pn/+Reqc8T78MFuVPTxFE21+a3TMM4H5fX8n7/cfqqhEO"
    "RQRRVzV5P/Iz5X55jka1AuyCOn12StTFNMmWX0+4oEE0xwU1hSs+5hRYZPSp9RUa2FIrSY"
    "5TPYYSng5vb2Q04BN+8L6dNPv368eWfMB6sNM4jrmqzq0jINKwTexFpKMZjO7pzOXkqfux"
    "tnxQJl7retP1cFRqeuIGL2ZelTQe3FWyzqBRiu6nus6ubymokuvI0iEqkb4xbUjb6EsH1f"
    "ujSWUTmIvT07bgxj58ftVAKgZejOgatOiS81mW4IFZa3vnlLuFbENS4Y12Nz2mNTrslXgt"
    "1T4Cn8YQz0eqDpQyDaXrWa+3/wK2BAuxffDwxon/ITDe9LS4lmMSjQIk9P6pbi3CJQmOgc"
    "PZ1z1BeTZcGEZ/5XXa6Ynmw2WHLDHrVX7uaMTKV8MHp4oYxdoc0wMmVzo3JiLQjzXyjEix"
    "6tKFNuDIp7umLROYMt2ygHmRWKESexmzkhtgwzKjLczpz+WEVmgVyQb16SCQU9MM+m+aE+"
    "Mgh9FtU/AtYimPdZxJPYVL8iXBBj6V0ZtLH31lS4TNkJLM4Gd5hnZ1JkTj3is5m27AGuX5"
    "K4YHI9l4pFZY5/lKEmC7kyGIgP2QsbPayYTyDkasaywByhD0zYn3tvLDPz17158t+SSSQU"
    "J2BcqdD8EDTQ+rM+o4F2wk9g/Iq2lGkehUItCDVeUMsSrbUqMoghmRUX37z69tV3l29epd"
    "ZEeqTJiChHU5FigBSDYVEMYiOpQ+I5j8S8c6/zzkgweCaKtg6Ys+BCViydTQGFAnBIn/8T"
    "p1xdquZdNJDHoQL2yHljPO0JBe/EYZkuCshiURH7KiKJK3XSRBaMqthXFa5P18aGguBxJ2"
    "0U8KiQfRXSvrNNAYgq2FcFMxnYcHgnNWTBqIp9VcG+LHnQ8YXIYFERB/hkQztN3f2jnYGj"
    "Ojqro9aGbWDp15quSOZ824LMuc3LtpJ+DoUK2EMBSGh+chUgofl5E5oTsssHLtioiSFkB4"
    "x3Ygk5fjJ2J2ozjCZUAVmHK2LbBQH1OJ3uKkNf0SE00ZgQ15wlIAIgLFtCzZJyL6HPjAqa"
    "PuJlkENzijcPOTRPL+JCKte+6O2kWsShYJGchOSk8yMnwZfUiXbwaCHVAgolWxWbCaQXuh"
    "XMiXouUgYyQCrS4Zv30AWQvrukzYvIIT3ByFx4XgqIKgccKHAoawBoWjXcnTysiaK1gyrO"
    "p80nMK6qJahlB/lFoOcsPWxP88RxP6QuPXX6LYoxdUy+bcGoirOsyoQpRlXxVnti3BhnTY"
    "c8Gl4t7rt4RSaZfn3pDoszM8kLNSZKRmWTNCpPTOojp5vKoOohJ4e6zGsSsFkIlZr0gSkz"
    "Pom9QiGl3ZpSzmwnCrkWYzJlvjkC20de5cK4hHqegoYUdhaM0fYnJIMx2qOLOFOHEfrtas"
    "fi8RhD2CGGgMbTU+0SiH1qn0d10RNnQs7Ht26Ttot3z2ibtcvDUKqlSm1js7aUaQ6EEu1d"
    "enkwcu2Ju3sTLcyjCoc3OTVucnmnmUGPOr3Xi8izBMfU5gqI0SO4jTMysTaAcDcT46xukw"
    "mpr7qkgYYdeiKaj/E7I6ut7Pse6RroqfbgnRmjp3rK5R73ADqeZYI9ZLCHzNPI+Sg9ZMAM"
    "6OT854Do+vfa9ccOMs9E0Ymd3GbVzGIGuGpe7rBmXtaumJelODXdWH94YbwJWWFcNbAKS8"
    "hO0u6ZH330nbKxJ9JTZwiQWdgLfgvmxnADpj6p5DAetRJ0qeaywi6t5yxmMchYxGLxc1YB"
    "Fos/TbF43j322MLeaOucYwGI+bG+5cfqivCzp8c75MlaFOBfp3XxMx4oTeKwpHcVlbtnNs"
    "NYUI9FDEyiNBWe3eBCz5mBVeTHDjYtpsR68JqMMSWGdeBnLtTWBctYq4y1ylir3CdxY0Tx"
    "OSoAa5VbfRKxVhlrlZ9MfFirPKSVF5nYg4s0fS8XS5/V7WCfOTtuijO5+XG7Rpls/e8agk"
    "K+reFVmm4YcKDHJFTMexttuKrnTBApbKlvvJmrSwWZMqKW5pmqDTYdbnaMOfXghRljzAlj"
    "TmcuVOyUd6zoU/wF6kQTLWKRJ9prnigSgp+NorGM4lhlFL1xP8KlFN+bf4wq3Y/07CPuB4"
    "wzT4G3c5Y7grwwxr4BjQlfRPloaBRkM9BRS/cxodB/aM7Ili0R+RU8ci3sTlBEyyon5NCX"
    "gJ5Ik9RonVjcJMfimETNl7h57EMN8zN+L8gD26i3hBq3RlNf3ofM9k4SbMWCz+aZNl4ONE"
    "iCnkrR5C8w0d4j47He6cFCyaMVStqFrS2dKgNCkZbMc69V2WkyfoCf8KNUnMLWa2FFSLxe"
    "wlvEEGX8ZhcRF23bjITfFAX8pBGmwQS9kbh6CskmlmYHB7kARQe51w7yivrcc0Khud9W0Q"
    "XoARR9Pq/S2ek52g+9y+ucBaKO+6xjSEl20HAGhvrtvX6nrZobZCDDq7Y/SkOYleTdEgM5"
    "IL5IfXuRehKtfg+Oh9TQcOQvbDOqiFgXRoybotZ8O9Z5iAc/Frmu1/ge4dr44rsuS/Hww4"
    "QNHg/VnmNgBoO2p48wUt9vlyrcIgYYATvK51UuQSCVBff1Ys6BBijpw5f5cLEMtaPm9OL1"
    "m7Kkm8rqi0gsq8+aL+3K6hX8hJL06wn+W8Re5P7zsRyP01IiYLQjiyuHxMglGvHVRvwH5t"
    "2z4J3QQaUFnz3daL77dqDD0pE7sE6MGLnmK0YiNif0OYg55wu5Yl7ESJeCkWnoPjBNtCRU"
    "SLDnryLCBnHnVJifRehMswCEUdls4SjXsfyTuTQyjuLGaQdz9sX1QwWX4wJ6NmgCxPs5d+"
    "eEkh9vP/xAPM7US3IHu3/JMCCTz+HF1xdvHDv5hETvsPosgL0CEyY8FDKlPhUuM3+wObc0"
    "GXNJK/ErMoHeMfYefvnx+o/mg0ck3HgOvwzYisvQTA2DY6ZNMoUlyljevzEEpWttFGXH+B"
    "L7r/fJykfi/wkdKcXMj6nsEt5UX5dFDYmgfuIKuwfza1vFYuLxA/SrDs/hgK+eE33x2si4"
    "AENR7yBqY/q1F3QOhGLeQcxYCf1E6zSbzRjsg8Y6OKpFLLqqvXNVsdzoGSoaCiGgdtV6pS"
    "3X1CIUl9bOSytdUW4l0kURFWBURWdVzAHYQQt5HCqgswLkmnVSQB6HCuisANx3+PABJtx3"
    "GMspzkuyuKMz7uh8DnI1Ewo1a50PKcBQqgUreJvybBsAKECRWNxn/98YGFU9fevj1SlggL"
    "Hqo/AHA0ZVFXnwjn2pcWS2iCFUQDS9Le/+fpd7UUpkqhyNLRleZFgVVq7W+/LgfjxdiIN9"
    "YTYZtzNcjqpITdGZcSOfaTvmUSbT36A/DVxDWRYR9JORM/tnxK2APVsoSTnr0H0m3UgcGt"
    "4QsywbGaoxtKUxt1LmMB38CsBeuiaxZx432IG5/Q15MF8EQaabaA5jtkOLnm1L02iwa+4l"
    "3rzGvCREyORGNmzvJqEr6oet2mOkgMEVYbzZ6bvzpuG78yb57mARxum5Q65ctnqQU8AATS"
    "hsQtL/B9Z8V9oGdlIEyrJHlo+uNnv0YzaP3s3guTWGhxswj2tLEF7H5oPPZjrarK5swTwO"
    "sYTqTMZSWzYz/DRgT/sRFzrmbQM1Os4yX5EJ+7LkRhEJZEvAhivBBJ8FdBeMsdZ+iWjdEf"
    "Al9A1cGPWb2VIWtwoXcF/wpxHLixwr+iX5Kbr2Z5HwyKkOzS0Zo8kAFor5K2OpmctMohP2"
    "1saE2338zAUU0+Oo1bolXcejPCfzQ5Bw3ZeXusl0QsL1wb9BSOJ7ouRuuga2k30OhuLvzq"
    "GkgehEq8sBkVTX76B6xrxpq+ciFtMnfdb01pRr/T7nkKjlPmt5KX3ubhzjS6j2VJNKMNqD"
    "xTKl0Nx9q0TkFjHAMNrh+2sgqe/wD+3T7WzUM3EeemOjbTyl7Wc1j8TPap8/q+V4WDdtF2"
    "dArZ+F1qEdRduYWgUWP0q9yUh8tCHPUUVSIj4zbspLLLZjduBiyEzTE8LVWwKhfvMoANFh"
    "aWxtKagPu5/CPj9zFkRZAi7IJKJ8TMbEPKD2hLmPSi7GEa6wR6S/XzHo5xH3R8rE8aoLIt"
    "ZSG4cvBxqgz3eUPXLsf1sIORk/BObpCci9kBWpIMjXyzcFDFDAr3cJWphR9QJ+XQpbLI2Q"
    "Wj3AKWB4Ar682EG+lxe14oVThaAQD/TcoxWdsMHvqgkJZTBNntb5SbtBuuA51cjOibsGOr"
    "yC5F8bBKpBYzCoHAwCQo7fag3YIoZoJhy+oVIgZ7xKwvV9fzOQvRr/9k3UDaI9Sudf3MLw"
    "yM/2/0jejW+RAyLfotchResZBtR32u64WgLiO7XDOxVJrWZnp8buAFkYxm17E7e9DfVUfn"
    "m3YqKSUZ49PW6K4Eo70GHpyCfZ2Qc50ciJPpsVoGCHY7j5KC1C5JK7beyCFDBAe+Dw1KIl"
    "3fiSVjyyDf7jFoL+4x7+I/ZpHbCL0xPr8CcaPDDvT5EdVzIOM2cbbcOlHefMkoE7bBzzSF"
    "+CKZvJgNm9TGKa4piY6/ucQeEhS4bKBavcLubAs+9hsPYlG9qjjgi4LWXvlswW9lbCGu70"
    "YFeCB2iHHSXdj1upHDHupeKwxq5GbjIeLdy9LNylDCp7QTd9G7eYAT7ZR2pT5zK+6upJZK"
    "HoSaAnUetJaFFNEE5OPeZDpIMwtDzY0DLa5cfaLr5lenTAWdHDR0FPyrTtt3CPYqDgJtlo"
    "npzEPPkLq9wjO3N2FyPFeWA775ANHdOMr8ip/xa6kVGimDmkiZkiataabPbMlTm21FfQBT"
    "ac+ty1Q+LWrBGoKtR50PltAzfbwlJNbIc2xcxPhpcFGqOpJXWZqp4glswxep7VL7OVpsD5"
    "B0gPxQVHK+z0af54gWgp1hwKyVOFOhyx4oEUi8oIXUM1Th42QFPsGFFQ+Aw4ak7NF6Ms7K"
    "ZG+yVox4775/MIH7LhfqnndDveeIoY4FOODkdvnvizcDjyge+VfOgY984isetI37TcF7fS"
    "NoD7a9T/bVTlWeYGjBudy1wzud38y8l27/VZIBfbftvQLZuSeK6Iz2L37iIwzDa/mLJ7Lq"
    "Drq22SDU9zybs8+OwYnu+FbY2O4cmdmMxbnZdpbRVxBjGknswHKx3Or01tv+9lNH7j+/aN"
    "z2rb/NqwOgJQz9HJYpCnswdPR0hdkf6q3+QwGT8Ib7TpLTrGHoc2tq7mNSWYDc1RCrhBCP"
    "8EoYCt3Np7iUUshgN69xHpi6OYGMijKicxPTludBBzw5AkNVgv7Gm5PD3KhB6eyeP60n1w"
    "5GymIFnBzNW9ljsV1c0wJCftxBvnYDQeP7/H/fz+zDy2SIRf+v5mzjZ+gIP8uMejs9GuZj"
    "ZuardLXFNFNH1gwu727PtXZLKWgZ47Cy5kMIn3VNRkGm7UGMbY48Q8jLqizvHw06Nl0HPL"
    "ADtzYGeOcxFswOy63XI34iwImVDYUfC03TJx59Kn8QB+C6nQXFcEPGvlnoUMSfIHS5BlTL"
    "92T3QBOKC+xaf2a8MAuhy0CuNnMQNcsy93obbXM9tL4RzjpFWs1/U5wRSACcE9EoLG661a"
    "VOqf6hQwwEf6OFkp3Jb06BWzGHUcatQxq2YgJu6xDWEFHJlCfdZ3wHxGVUfSdw6Keu6zni"
    "H2Ds3E2pghWczw9hA6iiEyC/0Z9/1O71MRiy9Un18olwqXddR0EYuaPg9Nt6MYFnG4hO5W"
    "bGjF5hinQVVVANTzaEvAIQj8FHza3rAOoA3xqJJxYM+Mm9kG6Zgd9kyO0/9CasJoIJhH6E"
    "yzAGgAYxJtVcyzDAEoexjbbY3X277I5ldX7ZZ8sLltf5EoYeK4Pl3DSmKOTwgXrh+a3xQB"
    "psxCpDl/RSLfy7PTzWRwz1fmCtEcxJWh0MRc15MCK8x6FGVBBsPRRVxuydxOpnkUChW3sd"
    "4h436MvtbYBfhUXYDBnugYGMtBMeLda/cON455JopWod20JHBSx7ys7xspfUZFDT2scoJi"
    "5yYzw7AUfXN7+yGn45v3RUfy148378yXzCrXDOK6huJRdmYqVPAoe6yIHxKf6cScm1ig4D"
    "t20kQCRBXsq4LEWe+khiwYVbGvKuIYSidNZLCoiH0VETAugJPdURd5OKqjOzOTqk7U2DwO"
    "FdBdAVJoJrQzNwKtUkF9o9EismOf0b6poUmiB2w02qvMyAcu2Kg2O2LPjh/PkDh+MvDRNM"
    "mtYARGv1C2Yflbch9IpSCBkEQ4xtCvjmsojoR3PcpiQEO7OOOgH0mWHOUKmNToRXAYkxpH"
    "F3ExWtm6ejADQpFinuj4QoXF3hEhvMplqdbakQXUkAzJg9Wv2S9nFyO9AByScNFNel4KwI"
    "LkEwq+N74RzDGq9IvsmXGzT5SOebw/DcwPOz0ZD2SSORdv/jTdEF+61GfFPjJcgfdifZak"
    "CYbxd5LK1YpGNce5jmWT+XLtrM3THA2fyzUxgt0YZ0r6zCO23NNexGczDVw1QZRcsKn0Nm"
    "QRKuCaES19D3a1ikRH1lzPCQWiWrotj53biJqvWBDthWW9tHiA3WcLHbX+WGfY3/z0xZS4"
    "/ejxmhYa/6viaa0XbjJ+gMI9fM8X+20qS7e+hUAKwBYCe7QQyJoBbaRfxKES9lACiMnp4m"
    "MUgOhodPbw5JIJZ0X9sOLz2cjdygORs7U7ZwsbIz31Q88XxvV1wsAvy7++Gi4Hwkq49jtL"
    "mMWCe512y8kjsbi3z6TgSFeh0Lzi7dpFzSkU9dxnPZvPEF+EC0fzdqUzRdwQVtJjO+BLFj"
    "hxut7nC15RVlEfja+ADshwOFi2LwrYOjUN/Rot4SIUbeHdbeE0fN7ikc5h8FmueJbTxEGr"
    "GHMOhb2vSy0n+aqtj7wF4Zqw+5qAjREHa0D2KsX9i5buw6g2zx2dHj+e7HZUOnK3RilcRe"
    "lgOdtmfWParSBBKIgM9RWRgtlcsPkHDJNrYjudmDFC6po2KYeaeY9E8pNuu/BM08oBW5gr"
    "VDYjbIon5mAYQz9Hss6d8aKNry3s7y4tZJmzjeuYtjXY24GPLmPXJBoNCw2AI9JKsr8TdG"
    "LymMs95pm1prxUtUYjr6XnCxAWIBzc4YBod+vgWg40QPrF4UNrxkBtK+QMBEW8g4jZbMas"
    "I9zBoyti0afrnU+HrX+epaKrm8k2tUzbq4ts35R57EWTi2VYxYqqZ6ZtEchJ24OThjvfDL"
    "0QdDD5iT7FIALmcT2qi0FEZ8ePxyC2A3cLpUIoc2aGRa2YFdEyinmaydSYmAFQvQMDXigi"
    "17AxtdJU1IVP95kNYxQ9eCPGGKPAhfy8ZWpzxlxvWgq1AEOpFmjuri3b7OKYFqDomPbcMc"
    "UIxLNQtFoy4XWpoigAMe/ZuYwi/pBXRClqhZ+FDEnyB+PuCX4/r4r71Ep0C0B5YgcTJEVA"
    "yCGgQs2sD14ORyTnxo3BiOyox/uYeDxg1ju2jTpuf72DnaJssACaSAe28cj7T+lBM5jB8Y"
    "pOJfvMhBGIXjgdGIE4uoixocrRBZsuRG1yfDnQANN8lztk+S5rk3yXpY05IcrMAii8aPn4"
    "lpH4AKPh1w+vUEhdUSdTX1efjB9CIeipS+qxVKaTKs4h1tUTX+qaBdydjyo8qfjMuMmPot"
    "sxj3lR9Yo9sF9Tu/pXfkgrVv54zdnPn+l9CKXejYnZLW0MwwxkgGbhxevXOxiGZlT9dplw"
    "rpAHNC9VCwnHwwco3W922oz0m4bNSL8pb0Ya7+JSlnA9vy4DQYJdS4Ldk37Mfv9/Z1C1hw"
    "=="
)
