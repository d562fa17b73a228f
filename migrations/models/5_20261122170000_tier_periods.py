from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "account"
            ADD COLUMN "tier_earned" VARCHAR(64),
            ADD COLUMN "tier_grace_until" TIMESTAMPTZ,
            ADD COLUMN "tier_assigned" VARCHAR(64),
            ADD COLUMN "tier_assigned_until" TIMESTAMPTZ,
            ADD COLUMN "tier_review_due_at" TIMESTAMPTZ,
            ADD COLUMN "tier_recorded_at" TIMESTAMPTZ;
        UPDATE "account" SET "tier_earned" = "tier", "tier_recorded_at" = (
            SELECT max(c.recorded_at) FROM "tier_change" c WHERE c.member_id = account.member_id);
        ALTER TABLE "account"
            ALTER COLUMN "tier_earned" SET NOT NULL,
            ADD CONSTRAINT account_tier_grace CHECK (tier_grace_until IS NULL OR (tier_until IS NOT NULL AND tier_grace_until > tier_until)),
            ADD CONSTRAINT account_tier_assigned CHECK (tier_assigned_until IS NULL OR tier_assigned IS NOT NULL),
            ADD CONSTRAINT account_tier_higher CHECK (tier = tier_earned OR (tier_assigned IS NOT NULL AND tier = tier_assigned)),
            ADD CONSTRAINT account_tier_review CHECK (tier_review_due_at IS NOT DISTINCT FROM LEAST(COALESCE(tier_grace_until, tier_until), tier_assigned_until));
        CREATE INDEX account_tier_review ON account (programme_id, tier_review_due_at, member_id) WHERE tier_review_due_at IS NOT NULL;
        CREATE INDEX account_tier_earned ON account (programme_id, tier_earned, member_id) WHERE tier_until IS NULL;
        ALTER TABLE "tier_credit"
            ADD COLUMN "completed_bookings" INT;
        UPDATE "tier_credit" SET "completed_bookings" = 0;
        ALTER TABLE "tier_credit"
            ALTER COLUMN "completed_bookings" SET NOT NULL;
        ALTER TABLE "tier_change"
            ADD COLUMN "judged_at" TIMESTAMPTZ,
            ADD COLUMN "earned_tier" VARCHAR(64),
            ADD COLUMN "until" TIMESTAMPTZ,
            ADD COLUMN "assigned_tier" VARCHAR(64),
            ADD COLUMN "assigned_until" TIMESTAMPTZ,
            ADD COLUMN "actor" VARCHAR(200),
            ADD COLUMN "note" TEXT;
        UPDATE "tier_change" SET "judged_at" = "recorded_at", "earned_tier" = "to_tier";
        ALTER TABLE "tier_change"
            ALTER COLUMN "judged_at" SET NOT NULL,
            ALTER COLUMN "earned_tier" SET NOT NULL,
            DROP CONSTRAINT tier_change_changes,
            ADD CONSTRAINT tier_change_reason CHECK (reason IN ('qualified', 'refund', 'opened', 'renewed', 'period_end', 'assigned', 'lifted', 'assignment_ended')),
            ADD CONSTRAINT tier_change_changes CHECK (from_tier <> to_tier OR assigned_tier IS NOT NULL OR reason IN ('opened', 'renewed', 'lifted', 'assignment_ended')),
            ADD CONSTRAINT tier_change_by_hand CHECK ((reason IN ('assigned', 'lifted')) = (actor IS NOT NULL) AND (actor IS NULL) = (note IS NULL)),
            ADD CONSTRAINT tier_change_assigned CHECK (CASE reason WHEN 'assigned' THEN assigned_tier IS NOT NULL WHEN 'lifted' THEN assigned_tier IS NULL WHEN 'assignment_ended' THEN assigned_tier IS NULL ELSE true END AND (assigned_until IS NULL OR assigned_tier IS NOT NULL)),
            ADD CONSTRAINT tier_change_higher CHECK (to_tier = earned_tier OR (assigned_tier IS NOT NULL AND to_tier = assigned_tier));
        COMMENT ON TABLE "tier_change" IS 'A decision about a member''s tier: what it was decided on, and how the member stands by it.';"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DELETE FROM "tier_change" WHERE from_tier = to_tier;
        ALTER TABLE "tier_change"
            DROP CONSTRAINT tier_change_reason,
            DROP CONSTRAINT tier_change_changes,
            DROP COLUMN "judged_at", DROP COLUMN "earned_tier", DROP COLUMN "until", DROP COLUMN "assigned_tier", DROP COLUMN "assigned_until", DROP COLUMN "actor", DROP COLUMN "note",
            ADD CONSTRAINT tier_change_changes CHECK (from_tier <> to_tier);
        ALTER TABLE "tier_credit" DROP COLUMN "completed_bookings";
        ALTER TABLE "account"
            DROP COLUMN "tier_earned", DROP COLUMN "tier_grace_until", DROP COLUMN "tier_assigned", DROP COLUMN "tier_assigned_until", DROP COLUMN "tier_review_due_at", DROP COLUMN "tier_recorded_at";"""


MODELS_STATE = (
"eJztXWtz4zaW/SsofelMlaYrsbudbPfWVtlJz6RnutupxJnX9hYFkZCFMQVoCNBu7Wz+++"
    "KCD/EtkRJlmr5fEjeJA1L3EsB9HFz8e7KSHvPVy0vXlaHQkzfk3xNBV8z8Ubw1JRO6Xm9v"
    "wAVN575tSzON5koH1IW+FtRXzFzymHIDvtZcCmh8LRgJ5ANZs4Cs2GrOgjdELxnxpXtH5I"
    "KwexZsyEPAtQFT4ZGHJdWEkoBRjwjGPGWucJ8RIfWSi1vCFfFC9hKe7knXPN5c7PNBn8Vn"
    "8ZPkQitCA2baSGgTwgPUlPwvCySR5okyYC/JTLAv2jEoh+oZdAAvwGjgc6Y04UJpKswzNT"
    "zJXX4Wmq8Yob40r+4uqbhlFrF6S2Y+VdpZUrWc2T6W8JLmR8Df0Y97oQDChf1pwkiBKfuq"
    "M81ZkD57yW+XRh6mjf21Wzi8lWDelCzMy1MQGpceMVrlPrFdOPbvmZWUgX0Wt0bPjMyZkY"
    "1HuI5kmHRsfthiQahS/Nb0+jbuImD3nD0U5QEyin8LN+8hPGWVGQr+L9NQy1tm7gRGpf/9"
    "P+ayeRr7wlTyz/Wds+DM9/Ifr/1JDvegH3vb0Zu1vfXrr+9/+IMFwPcyd1zphytRAq03ei"
    "lFigpD7r0EKNy7ZYIFVDMv85GL0Pfj4ZBcit7fXNBByNIX97YXPLagoQ9DZfKfi1C4MEKI"
    "fRL859V/xW+YaeY4n65vnF/e3TjOpDSy4BUKYyC+5EoBoxI+WRDTb1G/W7nYqxN4wPc/Xv"
    "781fnF76wIpNK3gb1ppTb5zQKpphHUqmAr83UgzRexWrGWYi/ijin55MJW9NtJKRFqIraB"
    "CTojWDMi4CklmV7x2/dC10h1CyoIlEcT9RMTpXlf87/f/8fZ2fn5t2dfn1989/rVt9++/u"
    "7r70xb+8blW982yP/q/R/ff7qBF5JmGouWMbiQFz29pzySSCvh52Ao/s7iX8bC3V/yCQKF"
    "3lno8oG1FHqCQKF3Frpi5scLt+U8k0Wh8DsLPzWtq6QvaLCpln4OVhD/fKOZeoIKaJLlh+"
    "sr6Hml1L98uPCXy5+v3n+6/PnvX328/Js1ZFab+NaH609/TNpnrZurv9+8u6ySfsBcGXjM"
    "M25BWQk/GPmBY9SghgK+oA0v7uBl8scemolt9CegmJv3H9/9cnP58aecdn64vHkHd85yik"
    "mufhVZnttRkXZC/vr+5kcC/yT/uP70rqjBtN3NPybwTjTU0hHywaFeVibJ5eRSWeNssWDG"
    "47lnXVVe7AB1PmSdZ+IgbbVdgKKeh6xnCPOUFfz9kgbVyk3aF7RqxPMEV8/Jin5xfCZu9d"
    "L88+JVg2LN4mlDABevCsr6FN85s7d+KwnXUbzSTmweQ3nkEYbQ0EQ/tjEURVs7qTlF4kw5"
    "eC1HQfe2E2YGhvPmvvOmTVccMKwKeBxcgx9cSfap9fDKAjsNsIFp9iTjKxHaAUOs3AWOss"
    "GPslxOt5PaSz2g1p+A1jsH7KrwqPGhaRy4FYu7TKYfLsype/dAA88p3ZFnsq5t+dbqbFW8"
    "QgW9tUoCacJ7pvwjze+53kwquUnxvWkzOSnTaic7afbAgezj+HzFI4aKbWhZMcDK0UBuea"
    "CKKC0DoMtEpnjKEQIOjKIboA5typSko/d+AEemHUsDWTHdWDHDYiINd05sw4dBolE/grWS"
    "KAm0wVeK22MMYg8fKWALFlSn+OslnAONUMzfnH23h5xNq1pB23tFSa9loNulIbKYEcr57O"
    "uv95CzaVUrZ3uvQBRy3TAIOrkABSjmIwZn/ucHVGdf7/huHiq6P0VTbX7rPIypS3k9/+mX"
    "6081bNccqqhi7mryf8Tn6iny0RqUC/LI6TWZK1M2VGYa/b6CCwUdXBWm1Kx7WFbBlZQ+o6"
    "JaC0VokZBmsONSwNX19YecAq7eF5h+n379ePXOmA9WG6YR1/ZymQC4trt5KgTeRLBPMci8"
    "7My8XEufuxvnngXKvG9bf64KjE5dQcTsy9qngtqHt5jUCzCc1Q+Y1c3jNRNdKMZFJLKMsz"
    "bTLpbxUELYvi9dGsuoHMTe3p02hrHz7fbaZqtl6C5hZyUlvtRkviFU2L2hmzeEa0Vc44LZ"
    "jZvEY3OuyVeC3VKg1P5uSuwuUCNQbT546LN6f+3Rn4AB7UGsHxjQPuUSDeOlpUSzGBRocU"
    "uJ1C3FuUWgMNE5ejznaCgmC3RRaa3YG82GStpkp41SrKLxlswykeG0PsTCdPJCTYmSUYLc"
    "2BoQ5SC26IgCo4PrsnlyzM6hjsalsVXM8u0RTe+YMu1XjIC0CRdgx8gHMIPA5pEPYkrmzD"
    "dXoBgImjXDmdXQrDnhwhGEVXUTGnJwYWXBhDHk346fTsZV+bHKI2DW83kkw+ZS3pnf2nJJ"
    "yKMOWBOeDp21xZKQcDFbCrUAQ6mWqEXGLm0p0xwIJToY1+sqmkAmFc5Xcmva5H7NM412Om"
    "CXq8jLASdpxYUMiNEjuDALMrNrlXA3M+M4uVQtHdsg9ZvWNNDASzZ/cA98oMi6KPthPT0D"
    "PaoBjJkpelTIfB6BYJGci+TccZFzwQzo5KTmgOiiDtpFRWLuM1F0Yie3mTWzmBHOmud7zJ"
    "nntTPmeSmeSjcrYFqtjDchW1WMKCOxZMQeJSOkpn7k7rULYheAGMnuHMneOtztNJDHoQIO"
    "YD9jDgdp50NTyXE8aiXoWi1lhV1azznPYpBwfgDhHDn/j64C5Pw/fmXxgHlsZV+0dW6sAM"
    "T82NDyYx+4YJP6HJm9Pd0jT+b4SctdybJ6EWMqagCf5xRTUae07x6ZHTNOoUaHCJYFWusN"
    "bgFj8gbPvnn17avvzi9epU5geqXJ96vw8wLphW6FD9IQzdtCRhg0PX4cj1p2R5cwUhE5pi"
    "8YI3nPSwHmBe6Z7ywCuapOxNXEsvOwpiTcqDwNyKlVS1DLDvKLQM9Zeli455HDPRjKf36b"
    "JL+Xq7XP6uo6ZO5Om+IQbr7dbsougYjFtlLwwrf7DZWmGwYc2SkJFfMM3CwqQKIVxHjuwL"
    "eNPjfiUkHmjKg1ExWbJo/eO8ZGBuFjYmykdxFjbKTfmg5mXnJaB0gKqDEttEeLksQrUCca"
    "YRGLPMJB8wiRMPpsFI00+75o9oNxP8K1FN+bf0wq3Y/07g73A9qZr8DbLwtqPIQI8sIY+w"
    "Y0JXxlPxsP6rmtqBcdZmJrvkGtlCUj22x65FfwyLW45ffGfdCyygk59iOgfsssNVpnFjfL"
    "ZflnUaEYbj77UEP/jN8Kcsc26g2hxq3R1Je3IbN1XgS7Z8Fn800bL8dT4AFREnX+AvcmDs"
    "h4rHd6cCNdbxvp7MTWlm6TAaFIS+a512pbYtJ+hEt4LzsSlaY6rAjd1kt4ixijjC/2EXHR"
    "ts1I+KIo4EeNMD2dtE6rWRaJjf1INrE0OzjIBSg6yIN2kO+pzzseVVyA4tGlQ9YzVyrsNp"
    "yzQNTxkHUMKckOGs7AUL+D1++81eb3DGR8u7F7KRhyL3m3xEAOiANpaANpINHq9+B4SA0F"
    "Kf7MKk/zLrSYNkWt+batc8f2O9q7l/078cP3nZbi5scJG+wO1T7FwAwGbU8fYaS+3y5VuE"
    "WMMALWz2G5axbUbMiuF3MONEJJH387ChfrUDtqSc9eX5Ql3bTtuojEbddZ86XdtmsFP6Ek"
    "/Xoi+hZxEAn96ViO/ZQcCBjtyOLKITFyiUZ8tRH/gXm3LHgHR49NKiz47O1G8923DR2Wtt"
    "yDdWLEyOHgQBKxOaF8dMw5X8l75kWMdCkYmYfuHdNES0KFBHv+bUTYIO6SCvOzCF1oFoAw"
    "qopV9/Mcyz9ZSiPjKG6cVrhmX1w/VPA4bj5YKjQB4v2Su0tCyY/XH34gHmfqJbmBk4pkGJ"
    "DZ5/Ds67MLx3Y+I9EYVp8FsFegw4SHQubUp8Jl5g+25JYmYx5pJf6WzKC2iH2HX368/L1Z"
    "8IiEF8/h1wG75zI0XUPjmGmTdGGJMpb3vz2WUtk2vsT63EOy8pH4f0JHSjHzYyqrSDftA8"
    "uixkRQP/Ee3Dvza1vFYuL2I/Srjs/hgFXPiVa8NjIuwFDUe4jamH7tBZ0DoZj3EDPu2H2k"
    "eZotFgzOc2IdHNUiFl3VwbmquN3oGSoaNkLA3lXrlbacU4tQnFo7T630nnIrkS6KqACjKj"
    "qrYgnADlrI41ABnRUgH1gnBeRxqIDOCsDzU48fYMLzU3E7xdOSLJ5Me1yJmg6FWrSO2xdg"
    "KNWCtbZNzbV1VAtQJMAO2U81C2FVjdT6uGoKGGFMtReeW8CoqiK53bAvNQb3FjEGpn7TaH"
    "n3t5vcQCmRfnJ0q6R5kQlUmLlany+C54p0IbgNhYFj3KNwPaki30R3po28m22bnYybv0Id"
    "FXiGsmwXqHsiF/bPiAMAx7FTknKroUpKeiAyFGYhZlo2MlRTKJ9iXqXMtTn6E4Blc0liDz"
    "IuBAN9+xtyZ1YEQeabqA9jXkIpmW3pzaixa96FLHigNDGDhAiZvMiGHVzM8p76YasyDilg"
    "dJsFLvZady4a1p2LZN3BzQKn57i4ct3qQ04BIzShsFjG8D9Ys660DUCkCJTlgCwfXW326F"
    "02j97P4Lk2hocbMI9rS2R9iM0Hny002CW8olr2bogl/mYya9qybuGnAcvXjzi7Mb8YKLxx"
    "NvQtmbEva24UkUC2RGF4EnTwWUAVvBhr7ZeIfhwBX0J9u5VRv+ktZRurcAXvBX8asbzIsX"
    "dfkp+iZ38WCd+Z6tC8kjGaDGClmH9vLDXzmFl0w77alHD4nfAAxfQ0KgluycFxK8/J/BAk"
    "Bg9lUDeZTkgMPvoahGSzR0pCpnNgO9nnYCj+7lw/GohO9K8cEMlfww6qZ8ybtnouYjF9Mm"
    "RNb0251uM5h0QtD1nLa+lzd+MYX0K1p0RUgtEeLG6nCc3bt0pEbhEjDKMdvw4Eks+O/9E+"
    "3gk8AxPnsQ/g2cZT2i6reSQuq0NeVsvxsG7aLvaAWn8SWoeyCW1jahVYXJQGk5H4aEOek4"
    "qkRHxn2pSXWG3b7MHFkJniHISrNwRC/eZTAKLD2tjaUlAfTumE82iWLIiyBFyQWUT5mE2J"
    "+UDtDfMelVyMHp5wQKR/WDHo5xH3R8pEfyz4iLXUxuHLgUbo8/Vylov9fwshJ+3HwDw9Ab"
    "kXsiIVBPl6+aaAEQr49T5BC9OqXsCvS2GLtRFSqw84BYxPwOdne8j3/KxWvHCrEBTigV56"
    "tKJiM/hdNSGhDKbJ03p60m6QLnhONbJz4up2Dq8g+dcGgWrQGAwqB4OAkOO3mgO2iDGaCc"
    "cv/BPIBa+ScH192gzkoAK1QxN1g2h7qVCLR+31/G3/U/JufIscEPkWgw4pWs8woL7T9mTQ"
    "EhDH1B5jKpJazQlEjbvYszCM2w4mbnsd6rn88u6eiUpGefb2tCmCK21Dh6UtH+UEGuREIy"
    "f6ycwABTscw829lAiRa+62sQtSwAjtgeNTi9Z040ta8ck2+I9bCPqPB/iPWE90xC7OQKzD"
    "n2hwx7w/RHZcyTjM3G20Dde2nbNIGu5xwMmOugRztpABs2duxDTFKTHP9zmDjYcsaSpXrP"
    "JYkyP3foDBOpRs6IAqIuDxiYObMlvYWwlruNOHXQkeoR3WS7ofj/zoMe6l4rDGvkZu0h4t"
    "3IMs3LUMKmsWN62NW8wIv+yeytS5jN939SSyUPQk0JOo9SS0qCYIJ7d2+RBpIwwtjza0jH"
    "Z5X8eat0yPjjgrevwo6EmZtsMWbi8GCh7mjObJScyTP7PKs5wzd/cxUpw7tvdJzlAxzfiK"
    "nPpvoBoZJYqZS5qYLqJircmhxFyZa2v9FqrAhnOfu7ZJXJo1AlWFOo/avy3gZktYqpmt0K"
    "aY+ckwWKAwmlpTl6nqDmLJ9FHzrH6arTQFnn6A9FhccLTCTp/mjyeIlmLNoZA8VdiHI+55"
    "IMWqMkLXsBsnDxuhKdZHFBSWAUctqVkxysJuKrRfgnasuP90PuFjFtwv1ZxuxxtPESP8yt"
    "HhGMwX/yQcjnzg+17edYx7Z5FYdWRoWh6KW2kLwP0lqv82qfIscw2mjc5lrpjcfv7lbHtG"
    "+CKQq229baiWTUncV8RnsWd3EWhmi1/M2S0XUPXVFsmGr7nkXR69dwzPD8K2Rsfw5E5MZl"
    "TnZVq7iziDGFNN5qNtHc7PTW3X9zIa1/ihrfFZbZtfG1ZHAOo5OlkM8nQO4OkIqSvSX/WH"
    "HCbtR+GNNo2iPs44tLF1tazZgtlQHKWAG4XwTxAK2MqtvZdYxGI4YHCLyFAcxcRAnlQ5ie"
    "nNaaODmGuGJKnRemGPy+UZUCb0+Ewe15funSMXCwXJCmae7rU8qaiuhzE5aSc+OAej8bj8"
    "9rv8/sw8tkqEX1p/M3cbF+Ag3253dDY61czGTe1xiQ9UEU3vmLCnPfv+WzJ7kIFeOisuZD"
    "CLz1TUZB5u1BTa2OvEfIy6Yp/j8btHy2DglgFW5sDKHE9FsAGz83bL04izIGRCYUXB01bL"
    "xJNLH8cD+FdIhea6IuBZK/csZEySP1qCLGP6tfuiC8AR1S0+tV8bBlDloFUYP4sZ4Zx9vg"
    "+1vZ7ZXgrnGCetYr6uzwmmAEwIHpAQNF5v1aRS/1WngBF+0v1kpfBY0t53zGLUcaxRx6ya"
    "gZh4wDGEFXBkCg1Z3wHzGVUdSd85KOp5yHqG2DsUE2tjhmQx4ztDqBdDZBH6C+77ncZTEY"
    "sDasgDyqXCZR01XcSipp+GpttRDIs4nEL322xoxeYYp0FV7QCo59GWgGMQ+Cn4tINhHUAZ"
    "4kkl48DemTazDdI2e5yZHKf/hdSE0UAwj9CFZgHQAKYkOqqYZxkCsO1hao81ftjWRTa/uu"
    "q05KP1beuLRAkTx/XpA8wk5vqMcOH6oflNEWDOLESa+29J5Ht5truFDG75vXlC1AdxZSg0"
    "Mc/1pMAdZgOKsiCDoXcRl0syt5NpHoVCxWOs98i491HXGqsAn6oKMNgTHQNjOShGvAft3u"
    "HBMc9E0Sq0h5YETuqYl/V9JaXPqKihh1V2UKzcZHoYl6Kvrq8/5HR89b7oSP768eqdWcms"
    "ck0jrmsoHmVnpkIFO9ljRfyY+Ewn5tzEAgXfsZMmEiCq4FAVJM56JzVkwaiKQ1URx1A6aS"
    "KDRUUcqoiAcQGc7I66yMNRHd2ZmVR1osbmcaiA7gqQQjOhnaURaJUK6guNFpEd64wOTQ1N"
    "Ej1iodFBZUY+cMEmtdkRe3e6O0Pi+EnDnWmSa8EItH6hbMHyN+Q2kEpBAiGJcEyhXh3XsD"
    "kSxnqUxYCCdnHGQe9IlvTyBExqDCI4jEmN3kVcjFa23j2YAaFIMU/Uv1BhsndECEO5LNVa"
    "O7KAGpMhebT9a3bl7GKkF4BjEi66Sc9LAbgh+YSCH4xvBH1MKv0ie2fa7BOlbXbXp4H+4a"
    "Qn44HMMvfiw5/mG+JLl/qsWEeGK/BerM+SFMEw/k6yc7WiUE0/z7FsMl8+OA/ma46aL+UD"
    "MYLdGGdK+swjdrunfYjPFhq4aoIouWJz6W3IKlTANSNa+h6cahWJjjxwvSQUiGrpsTy2by"
    "Nqfs+C6Cws66XFDew5W+ioDcc6w/rmp99MiceP9le00PhfFV9rvXCT9iMU7vFrvti1qSzd"
    "+hICKQBLCBxQQiBrBrSRfhGHSjhACSAmp4uPUQCio9HZw5NrJpx76ocVy2cjdysPRM7W/p"
    "wtLIz02B89XxnX1wkDvyz/+t1wORDuhGt/soSZLLjX6bScPBI39w6ZFBzpKhSaV4yufdSc"
    "QlHPQ9azWYb4Klw5mrfbOlPEjWEm7dsBX7PAidP1Pl/xim0V9dH4CuiIDIejZfuigK1TU9"
    "Cv0RIuQtEW3t8WTsPnLT7pHAa/5YpvOU0ctIox51BY+7pUcpLft/WRtyCcE/afE7Aw4mgN"
    "yEGluH/R0r2b1Oa5o9vT3cluR6Ut9yuUwlWUDpaLbdY3pt0KEoSCyFC/JVIwmws2/4Bm8o"
    "HYSiemjZC6pkzKsXo+IJH8qMcuPNO0csBW5gmVxQib4ok5GMbQnyJZ58Z40cbXFvZ3lyay"
    "zN3GeUzbPdjbhjunsUviMZdDdWdC59E0EjmZLxSBzt6kZz1BVSZo6zHPzDvRbgNgyQCrJo"
    "IQpc1FBawWXjGv9fco4O9kerfz5B1ja2UR0PcUNk7ARCrM/GQ+t6X5J7cFn2YQjLQxjJhW"
    "ZBY6+y/k4TyFCRM3TBzdQUoHRJtgYA40QrrI8UOB8TzTRsgZCIp4DxGzxYJZx72DB1rEog"
    "86OB8USxU9S0VXF79tKvF2UNXboSmz70mTi3VYxeKqZ9JtEcihO4BDhyf1jH3j6ijzKf8M"
    "vdtO624OiKvuoFfdqFp3a4elAMP1d4/1txPhCqlWT2IYUaX4bZeBVAIi2Wr3SEqF1mlIld"
    "E4tgY9tk57lOjANHmCst9C6graTD3NPmk/BvGegmE/pERkwDyuJ3WJyOjudHcicttwPz4F"
    "8BkWpll0HosiWkbEB9OZmhLTAPJ50OCFIvJBEFvEUtRxKA7pDRN/g3AzMfHXu4gxOtI725"
    "TrTUuhFmAo1cJeV9fWbukSdSpAMe40aKMe03rPRNFqzYTXZSt1AYjkx1bkx4rlvyL1Vyv8"
    "LGRMkj/aBh7Bb5dVydRaiW4BKE8sYzicycGVq7XPYEtOh2miGjwmbRz0gQ8l8BNQoRY21l"
    "EO+yT3po1Bn2yr3UUjPR4wG4WwVRGvf72BY3ltUAZO7AksHfv9p/SiaczgekVZyEN6wkjP"
    "IJw7jPT0LmKsXtm7YNOJqE0iKgcaIUfifI9c1HltJuq8mIey0XwWwC73lp9vGYkfMBrYwz"
    "CwMbt6uvplWJegkyqeQkxxIL7UJQu4u5xUeFLxnWmTH0W3bXZ5UfWKPbJfUzv7Vy6kFTN/"
    "POcc5s8M3JOfNrgxMTW/jWGYgYzQLDx7/XofktLr1/UkJbhXyLeaQdVCwnHzEUr3m70oYN"
    "80UMC+KVPA4iMzyxKu3xyUgeDuoJa7gx51Mfvt/wEd2N40"
)
