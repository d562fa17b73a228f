from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        SET LOCAL lock_timeout = '3s';

        CREATE TABLE "activity_reversal" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "activity_id" UUID NOT NULL,
            "number" INT NOT NULL,
            "kind" VARCHAR(16) NOT NULL,
            "points" BIGINT NOT NULL,
            "points_clawed_back" BIGINT NOT NULL,
            "points_owed" BIGINT NOT NULL,
            "points_forgiven" BIGINT NOT NULL,
            "points_expired" BIGINT NOT NULL,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            "actor" VARCHAR(200) NOT NULL,
            "reason" TEXT,
            "brought_by" UUID,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "activity_reversal" IS 'What an activity lost, REVERSED, or got back, RESTORED, in turn and numbered from 1.';
        ALTER TABLE "activity_reversal"
            ADD CONSTRAINT activity_reversal_activity FOREIGN KEY (member_id, activity_id) REFERENCES activity (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT activity_reversal_number UNIQUE (member_id, activity_id, number),
            ADD CONSTRAINT activity_reversal_in_turn CHECK (number > 0 AND kind = CASE number % 2 WHEN 1 THEN 'REVERSED' ELSE 'RESTORED' END),
            ADD CONSTRAINT activity_reversal_points CHECK (points >= 0 AND points_clawed_back >= points_owed AND points_owed >= 0 AND points_forgiven >= 0 AND points_expired >= 0),
            ADD CONSTRAINT activity_reversal_sum CHECK (points_clawed_back + points_forgiven + points_expired = CASE kind WHEN 'REVERSED' THEN points ELSE 0 END),
            ADD CONSTRAINT activity_reversal_cause CHECK (num_nonnulls(reason, brought_by) = 1 AND (reason IS NULL OR kind = 'REVERSED'));

        ALTER TABLE "activity" ADD "reward" VARCHAR(64);
        ALTER TABLE "activity" ADD "benefit" VARCHAR(64);
        ALTER TABLE "activity" ADD "brought_by" UUID;
        ALTER TABLE "activity"
            ADD CONSTRAINT activity_gives_one CHECK (num_nonnulls(reward, benefit, nullif(points, 0)) <= 1) NOT VALID,
            ADD CONSTRAINT activity_of_system CHECK (reporter = 'system' OR num_nonnulls(reward, benefit, brought_by) = 0) NOT VALID;

        ALTER TABLE "award" ADD "activity_reversal_id" UUID;
        ALTER TABLE "award" DROP CONSTRAINT IF EXISTS award_points;
        ALTER TABLE "award" DROP CONSTRAINT IF EXISTS award_one_change;
        ALTER TABLE "award"
            ADD CONSTRAINT award_activity_reversal FOREIGN KEY (member_id, activity_reversal_id) REFERENCES activity_reversal (member_id, id) ON DELETE RESTRICT NOT VALID,
            ADD CONSTRAINT award_reversal_of_activity CHECK (activity_reversal_id IS NULL OR activity_id IS NOT NULL) NOT VALID,
            ADD CONSTRAINT award_one_change CHECK (num_nonnulls(refund_id, amendment_id, activity_reversal_id) <= 1) NOT VALID,
            ADD CONSTRAINT award_points CHECK (CASE WHEN num_nonnulls(refund_id, amendment_id, activity_reversal_id) = 0 THEN points > 0 ELSE points <> 0 END) NOT VALID;

        ALTER TABLE "ledger_entry" ADD "activity_reversal_id" UUID;
        ALTER TABLE "ledger_entry"
            ADD CONSTRAINT ledger_entry_activity_reversal FOREIGN KEY (member_id, activity_reversal_id) REFERENCES activity_reversal (member_id, id) ON DELETE RESTRICT NOT VALID;
        """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "ledger_entry" DROP COLUMN "activity_reversal_id";
        ALTER TABLE "award" DROP COLUMN "activity_reversal_id";
        ALTER TABLE "activity" DROP COLUMN "brought_by";
        ALTER TABLE "activity" DROP COLUMN "benefit";
        ALTER TABLE "activity" DROP COLUMN "reward";
        DROP TABLE IF EXISTS "activity_reversal";"""


MODELS_STATE = (
    "eJztfX1z2ziS91dB+Z/MVGlTE3vycvFTT5U9k9vJbSbZSzw7u/fkKQoWIQtnCtAQpBTd3X"
    "73QwMkxXeJlGRDdFftThISDVLdBNAvv+7+77O59Fmgnl9NJjIW0dlb8t9ngs6Z/kv51oic"
    "0cVicwMuRPQ2MGNpbtCtikI6gbmmNFBMX/KZmoR8EXEpYPAnwUgoV2TBQjJn81sWviXRjJ"
    "FATu6JnBK2ZOGarEIeaWIqfLKa0YhQEjLqE8GYr/QVHjAiZDTj4o5wRfyYPYen+3KiH68v"
    "HvNBX8VX8VfJRaQIDZkeI2FMDA9QI/JfLJRE6ifKkD0nY8G+RZ6m8mg0hgngBRgNA85URL"
    "hQERX6mRE8aTL7KiI+Z4QGUr/6ZEbFHTMU80syDqiKvBlVs7GZYwYvqX8E/N3+uGcKSLgw"
    "P01oLjBlXnUccRZmz57xu5nmhx5jfu2GHN5KMH9EpvrlKTCNS59oqfKAmCk88/ex4ZQm+y"
    "rutJz1y04jTcwjy8J0Xv27plNCleJ3etLLZIaQLTlbldkBLEp+CtevIXxlZBkL/oceGMk7"
    "pu+EWqL/7//ry1z47BtT6T8X996Us8AvfrvmF3nch3nMbS9aL8yt3357//O/GgL4XG69iQ"
    "ziuagQLdbRTIqMKo65/xxI4d4dEyykEfNz37iIgyBZDekl+/76QhTGLHtxf3PBZ1MaB7BS"
    "zv7PNBYTWCDEPAn+8+P/Td4wN8zzPn668b68u/G8s8rCglcoLYHk0kQKWJTwxQKb/mnn3f"
    "DFXD2DB/z0y9Xn7y5efW9YIFV0F5qbhmtn/zSENKKW1Ihgw/NFKPUHMZ+zjmwv0x2S8+mF"
    "Des3e1LK1JRtjjE6x1i9IuApFZ5e87v3Imrg6oaoxFBu9+kTY6V+X/3Hn/7l/Pzi4vX5Dx"
    "ev3rz88fXrl29+eKPHmjeu3nrdwv/r939+//EGXkjqXcyeYnChyHq6pNxypBPzC2TI/t7s"
    "nyXM3Z3zKQUyvTfT5Yp1ZHpKgUzvzXTF9I8Xk477TJ4Kmd+b+ZlmXcd9QcN1PfcLZCX236"
    "4jpk5QAG28/PDpGmaeK/VHABf+dvX5+v3Hq8//+O7Xq78bRWa+Tm59+PTxz+n4vHZz/Y+b"
    "d1d13A/ZRIY+87VZUBXCz5p/YBe1iKFEX5KGn0zwPP3LDpJJdPQTEMzN+1/ffbm5+vWvBe"
    "n8fHXzDu6cFwSTXv3Oap6bVZFNQn5/f/MLgX+S//j08V1Zgtm4m/84g3eicSQ9IVce9fM8"
    "SS+nl6oSZ9Mp0xbPkvUVeXkClLnLMs+5QbpKu0SKcnZZzuDmqQr4pxkN64Wbji9JVbPnBE"
    "/Pszn95gVM3EUz/c9XP7YIVh+exgXw6seSsD4md87NrX9WmOspXqsntq+hIuUBlpBrrB/a"
    "GrLO1l5izihxp3Reytbn3nXDzJHhvrnrvmmiFXssqxI9Li7nF1cafeq8vPKEvRaYY5J9kP"
    "WVMm2PJVadAleZ86usENPtJfbKDCj1E5B6b4ddHT1K3DWJA7Ziep+L9MOFWzq5X9HQ9yp3"
    "5LlsGlu9NT+fl69QQe+MkICb8J4Z/CjiSx6tz2qhScm9UTs2KTdqKzhpvOKA9fECPucWoW"
    "IGGlAMgHIiALesqCIqkiGgZawqnkGEAAOj6BqQQ+sqIumgswO254potVSk6BmSYSnIjFps"
    "TcgWMgSAzlitVcTm4+dkHDKQiwXyjG/1qprCywCUaaLZp1IMz1fBI3LHl/oKF2QRANhH31"
    "oY5NOlpgxlfDeLvNt1huSZat7aH5HcNLggEGmCKvLpel9sTzd0CaJ5+qF53EJQubuXd8Hx"
    "IEDqOIw1nKgwtMXGS8aj72QH2y5kUxbWQxOaOVwgGiCbX5y/2YHPelQjo829MqftUd2N0R"
    "uaAfL5/IcfduCzHtXIZ3OvBHCaTOIw7GW6lEgxjuKc2VJcUL1t1MObpyjo4wmaRvq33sYJ"
    "5Koo53/78uljA0q3QFUWMdeWzP+QgKtTxNG1CBf4UZBruldmKK7cNvpTDYYLJrgubal5s7"
    "YqgmspA0ZFvRTKpGUgnaYdlgCuP336UBDA9fsSQvHjb79ev9Pqg5GGHsQjc7kKXLSmeA3D"
    "2xIDMhpEjPZGjC5kwCdrb8lCpd+3qz1XR4xGXYnF7NsioIKah3fY1EtkuKvvsavrx0dM9I"
    "FGlykRHZ3Xmbqgo62vtptJmFJg6Hq7eyNxf3dhcI4EObwDh7MwQZdDski1x+noGLf7H46O"
    "BeSuoojNF8kn1BCYy8aMdgnQaVs7N3xrpO4XuSJyqo8ZQvX/kjlM8CxxivlEChOV8unahJ"
    "9Mij3hJjld+MqGpIKASK2KJcnnxgypxu2O+CyI4r2PFBlzPwujpU94pp6TmxkLGdygppbB"
    "NJRzM0Yx/WX5xNQLkAKDaq4s0xEG1R7STMjvGR0StHNUaAbvlzjZM30LHauOOlYd0zM+Q5"
    "UeRYM2PSMbs5ueEeaHb9UzfjdFgXLHfqCZPCKf3/3t3ecv734eQa2fOxkR+Nlw+cvNp89w"
    "mWuFIA6FQdnY4kBaSzDH94uqgnGMh5jaP9bdZ9E9eqkp/V96r/UYGRvQEIcaRiAsZR8BYC"
    "I9A73Tn/Nz8nsKR7I08LdJQFd6ALzHV/GdKfWjdROoAEDoXEKNpOh7U0IIgEPCTDqjPmHf"
    "Fly/mgEfUSWFUXXMEHK7tsWCbP0gFWu1iX4VqYwMRsr8eOnvijmiYk0kaECoFblzZKNW9J"
    "BaUbrVdWNqiQzZWmKr3WGrHG3UMzcEQ9Iyz1/8+PrHNxevfsyUy+xKm05Z1R/v9e/o4nlL"
    "xw8Q6fLi1S6AorIumMMTvSr73TA4+GjBQXi+ZzUlDzSlPkIo06NA9hVI98JWJUIUwb4iSO"
    "2CXmLIE6Mo9hVFYpH1kkSOFgXRWxAITxywF61kjclOqO6MYICK7lEg3dapVGXxDfvWsJNt"
    "KIYQw29bLe/+flNYKBVkUAGXkg4vw4Uwpj/kmH4QyAlNfnbVy765O2r1rxfH7dQHIJLg75"
    "VTQkkA7u01OMGheP36rfFNT7SaYUrLE5/d8oh8J9gdhaJ/3xvXMtTqh1RZ89T6BgAHfwL6"
    "kx1YOCP0Jz8oGBfWS0eO5mmQoeXIuYw6snNDgcxET+fjWbCuqCxzJnz9//qeRdnNdoWlMG"
    "yrvnIzY+RWynsth2dK6xWRHlbqfmNqcNjOQCYiDQU06JLZe5q0qqIcYlIT6E/SScbEdGKy"
    "ofHNxNlPVSk6gIxN3J9Z1KEJ5DOqNaUwDpjFAaivwoARgRRC/nYygBxoTe9S02t9b0XFhK"
    "nNFAbTqAfDLMpE/gM2jUwEn0fPSdI1aQVABNvr6E8ARJjLpaaBTDDz2loOSxYQ8F7osQB/"
    "tPgD+MEWM2DwCW9Jgm7wQsaVivVPQQXNnf0ZFbQHPAKTxdmRp0UqZGqJqcmWWuVoo1aRox"
    "iSWnGwgD8WE6kL/WMxkQfh81E8z4l21COGU6TEEI7TIRyM1T0RQRsLzJtzURexa3MolAiH"
    "dPw/cFx8QtWsjwSKdCiA/QRguw/3lkOZHMWxJ2AH3ZuPhZRK/GR9BJCnRUHsK4jUzddLEn"
    "liFAWCmwcmEAQ3P7oIENzsjCgQ3OyIIPSpq1/GMKvnoZ0jR3H0FkejDttSHrVRdcUqem87"
    "VNHbhMk7cb9AhQLYQwBYSfLRRYCVJB+nkqRrYK0PXLCzNsCWGTDaCbTlBenYnZDmMJpQBe"
    "gprohphWwKrqTTXebQRFBSBYBRE33XlDpJWyKRBeV+imY6K0n6iI9BSNNDrDyEND0+i0uR"
    "dbPQOxYxKdEhYxErhlix08OKwUnqda64U6JCztb5ZkLpx5NONa9zJANEhh2+6DWdAwq/T/"
    "S8TDmkLxiBJE9LADaRw4OMk6oEADXXAKUqkrUh5nYQxekkiwMArp6DkezBP0v0lLmHfcEe"
    "2e+H0KXHDr9ZH1PP4NuGGEVxkkmyphNQnb81bRHU4mfNhmx1ryZZnVBiejWTAbsk41yj1E"
    "Kh5mdqRJS0eazUZoumCau361qn6iEnh0TZKxKyaQyps/SeKT0+9b1CXqtpsZGUxZYrMSK3"
    "LNBX/ouF8rLgxiXU9xXUBzGzJKWr5VfhS2bfJ6tfDZVHNnW99SuMb2P/jkXegoVc+mMCor"
    "E05l1NexAa5bN+cymwoBPZSt22dja8eCTRR+yOSwh9xEdncS4tJw66pRIm49GHsYMPA5W3"
    "R1LesEH5E0k2e+RIzOnY9qfU+mCQXLU6c0eeFoiQo86Ft4fJ13KXp74bQYke+VxCEeSt2C"
    "46eIVwCAV4SxU9dik08aK5zsQLU2bCESfStVU3zmrcSOmtUZsj6TY3aKsr6Wpu/TXg7jER"
    "OKIlDM6YKRkbzVZM1uNL/fcsRJd5gBY0jIiQCXiOi8R7UvUoHekZ6H9xYodC/8sDHgKLUN"
    "6FdD5nHblapkPGYqGsHY5VLJT1IHw+SqEsUAN6ubQKhOjQctqhhWWynoigUz25y66Zpxng"
    "rnmxw5550bhjXlSiL3RtvDxzbU10M7CrlMOzsA8f7cLCb48e90K8rhOosW7Mx4jvQRgf8M"
    "naS1KCuhrTdcRoUZdYrARdqJms0UubkcB5GsQBYwmGUxYBlmB4nBIMRfPYZ3Pzop0j6SVC"
    "jEYWOftHLKOuTug8DfLTtXhjU6mQ/O3RDnHHDmVCrrLqHVMeqogkbl7/0hblyPVQmlOfWZ"
    "w4UREVvoJYYDRjmqwm3niwaTHE6MAyGWGIEatVnDhTO5dVwIoKWFEBKyq4xG700D5FAWBF"
    "hU5HIlZUwIoKj8Y+rKgwpJ0X8zUG52n6iWp91afhrzS8P6txNRXuj9p8TZNkpDdPh+7UTT"
    "ygKiKB1NTEp2tT8HU145MZNNgm1i1gYOmUZIBZWwwgMJg4Es1CGd/N6ruKH3LyPRxPLkKE"
    "n4YzaiKXDFKBE0F20XdqSPfUelw7RLarPa5sUvqPz2zJaFC7RW3utm9Q+pLJaEsGbt2efp"
    "9JsqKKqJlciaQ6iR5iN4xNOMpWPlnNmLBVS1apl7u6Jx1kRvSAO77poAf8CLkgDkSNh8la"
    "vQXWubKavbYZwQB9tkdJ+7BnTs+MgAIpZgQ4lxHgjIo0XwQsYX6NipTd3aIiFcbtihbYKC"
    "mBqRinIrpmkBs8IrFi/ltTsg3UHUH0uQ55xklVtwkV5JYRtWCiRls6+OyoOTlx9qDm9IDH"
    "O2IHjsBU7MtwLBRBcgL1UpbKtKgtOactYaLskxQ0lhc4lp3pjPkRL6QAT+xZrfmR3d1ifs"
    "A4b5IO3MH+sCTPlHGkjgifW1wxlIc2SGLbQNA6VG1N6tQfZO0Kbk0LW0o6qSJdMkIO/Qio"
    "wD02zuh7tjZllVbJMA7PmC+onoHcrt+SFdcffhxpQ0YxM/1tQMU9lNrWNg6T+rAj8OHYst"
    "7jTA8em7HjgutrbKuHJxPqV2b8ThD9AuotofoBEQ3kXcxM8W8BVd++6mWiDSeo8A1Fwe3k"
    "zxCD7ZA+2mxHuRhwdPdA7eSHNntlVx90jghZWtH4/U4VntLxA9QKjlLcKT1puvI4pRle4Y"
    "yjsFlFNIprQGnNTN5QDPFTfrULi8tWSY7Dr8oMflTfoGPf84CCqoPkbGoj9HBtlEjRteG0"
    "a2NJA+57sYh40FXQJdIDCPp0ltLJyZkrFfdbznlClLHLMoZgcg8J58hQvs7L97aTHZQjGZ"
    "4ZdBSs01LyfiGdAiEuJNcWkiNxhnffFjxcf2ZzEGN4VhNrKI0YtcUbmBnrhfnBW2MOnwS4"
    "+C3FiIx9ulZjcsvApW7c/3ZS8h37NglixZfsewPvDoIUlmSCAmaUJkhc6NW4w/Eeg957J6"
    "xFREEdncWF4nt6Hage51KREs1x506mvJhhl6wKuBGQlQ5HJBYWwnUnyxpxUQPerRzRo9+D"
    "A19G0IrgL2xdp0eXRrTq0XwzNo0abtWjmyW+h37aMcy5T4Szh256igFOxJg8PCBCG3HdwJ"
    "IbigFGko/ippILYEhtKe5mNheIBsjpwxes42IRR56a0fOXr+o0yeaC22VKLLidV1+6FdxW"
    "8BMq3G8uVbWh2KtM1el4YI9TbD5ktGceS4ESlXhU4uuV+A/Mv2PhOxGFtRp8/nar+h6YgR"
    "7LRu6Au9ds5BFfMmLz2cD3nPid53LJfJuTKwUjt/HknkUkkoQKCfr8pcWXk8mMCv2zCJ1G"
    "LARm1JYNP8pzDAJ/JjWPLf4i622cOdMJF1B9PCKQemwrRpFfPn34mficqecEaktNZRyS8d"
    "f4/IfzV56ZfEzsGlZfBU289ClsntzSgIoJU/Y19D39RMPwSzKGphLmFb78cvUnfd4RqDxU"
    "JF+EbMllrGeGwUmqQTqFgfWbxGetB8qJUVGUGRPISI2SAuoA+p/rnwMtnmGStFnOGIMC7l"
    "gBGBR4QENLMf1javsLt/k481To5ezt5bzXv7aTryYZP0C76/BYaTgVPXsiduFxiQxZvQOr"
    "tWrYndEFImTzDmzGaNQj7dNsOmUT0MD7xM5LtGjKOmfKYuDxCQoa8rqhuo+xRTvuqWVS3F"
    "p7b610SbnhSB9B1BCjKHqLYgaEPaRQpEMB9BaAXLFeAijSoQB6C+CR68SdTrCoW2ldvuTR"
    "umu7jCIZchXTlh+Ks9NYdK9ukiNCjmLHnIfgq55QqGnneEiJDLnacF5B2fFQ0aDvwVWiRz"
    "6XrI1N6Lmro6VEiomSLvtZsLXC8VsrUFUH4rxh3xoMxg3FEDK621bLu7/fFBZKBdRWgBOm"
    "w8tIt9LOlQOOVLn+ZU6DoNlXUqJ9XGP9xR7ftTXQL85fv8pMcvhHmxH+5derDx9q/E6aJ3"
    "UOj2ZgbEqBgNjyF9wGiHUFsSflfbw4qwPr2TujVpzeZswOvctoROAZyqDjoKyrnJq/WkwQ"
    "gMJyXQ/fmv5jWjMGZAuUsiX6mNM8hFqzpu5tXS+zAz8BUHlXJPEoJaVzYe5gTe4F9Eu7Xd"
    "s5tLkJxXc3zUrs4Il+F9smjehFQoRMX2TNoufk6qvQn16kmabHQFlbwMslA8wzVjNo/Gir"
    "8Oq3XjJ/X2DckgZxp9KWGcHgMpJe7XT4v2o5/F+lhz9mJD08UG4iF50+5IxggHosVrZ0/4"
    "PVh1FXL2ZGgbwsIa/MWdgDE1IgREeFy46KRFTdiqMViIZgTA+7RccHGZ3VGh7RNqsj2s3k"
    "gIpVk5D5WoW27YutAh+wqUk64TUd/raTmFSdHNYlMoky8NMgLyewWTZJRhAk3ST4pEsy3h"
    "TuMSSb1B54EkzwVUDnjny1LJswZAmfQwONuf429GxZfpCK5/Be8FfNlmeFhJvn5K/22V9F"
    "mqFEo1i/kjZbNMFcsWAJ+T8RGdsb5tVGhE8To0OxaGTbGJp8nmSU7+V+CKbquHNCYqrOQy"
    "ohCP9+rGJEyR7YjfcFMmR/f/Q9DUUv5btAiHBsp7XvvHrTVc5lWrSzXJa0Q2UoUcrHs6Zl"
    "wCfrNNTZ1RldR4z6YDnBNU4LNu+c25pRDNAnffjKTQgHP/xH+3hdwx1j56FL1W78KV2P1S"
    "IlHqsuH6tVf1g/aZdnQKmfhNSh0lFXn1oNLR5KzkQkfjUuz7OaoERyZ9QWl5hvxuyAhpK5"
    "elqEq7cEXP36UwCo0ULr2lLQgEDJL18RAwSCKAEXZGxBV+MR0R+ouaHfoxYNdYQn7OHpd8"
    "sH/TT8/og/Ol5emsUNdjH4CkQDtPmO0sXY/NmByel4DP/vlK4AUZGalJ9m/mYEA2Twy12c"
    "FnpUM4NfVtwWC82kTh9wRjA8Bl+c78Dfi/NG9sKtklOIh9HMpzUoIbC7GlxCOZo2S+v0uN"
    "3CXbCcGnjnJfVoPV6TQNPoBGqgRmdQ1RkEgJyg0x6woRiimnD4UnyhnPI6DjdXlM+R7FVS"
    "3jVWt7D2KDXltfkYxTUwmBYkfkaB3/YO3/Z/St4Pb1EgRLyF0y5FYxmGNPAg7ayzSZknxD"
    "W1w5qyXGuAl7fWlcmTod/WGb/tpzi6ld/eLZmoRZTnb4/aPLjSDPRYNnKrH3ecqzNqQNlU"
    "ZJ0aElx25kx7pshEa3b3gKmWiqX3QxbQtYGKh4wGkK9a03fiSM8xYHZzI2kYMUo6OTCSXN"
    "ZfvAzHSfJrRFYUslSnMhyZmRTTjxeTZHJwLEOi65Rq1WrvZFWEhiM0/GQ2wpI5gl73o9TY"
    "kgs+6aIeZQQDVIsOj7Ba0HUgac0n22JGb0jQjN7DjMZC50/G0tN6Uk855ykRIuS8lD1Qgw"
    "HL18GrXiUcUqrSwTzqOYul1zJqrM+N68jBdWRM0G5esQLZ8AKpQ6sE8GnJQj9mH7hgZ3X+"
    "m9ztUav/xg70gnTkDn1DYax1b6yoIskMJik+nQ08LiYBPsmiBx8IuDogWR+8IZuyX3X9Qg"
    "8+P7pUnDBL0aVydBajS+XojH3krKphMvXx0qpc4+ehFf/NkdlV7y9SopfEbb2fctXPSZIn"
    "RCE7J2RH7I2/0vCe+f9qLYOKuZG722ptLMw4b5oO3MHY2FIr+JZpnZ8ZpT85YkdEPz/gDE"
    "qRsXSonNeFiA8++x6Ghiv5EQ4VHD5gdgQm/Dyantzrw64lHmBI8igJQJpzNZ9yM7PT8UPk"
    "78GRcCoBOu0a703HY7B3r2DvQoa1oYu2s3FDM8Av+0iteCaM96sUXSJFSwItiUZLIhL1JQ"
    "PSW9tsiGzQNvuhWbYYEnBCXUS9/MH18q4JEwPOkzg8IPBBc+/dZu5RFJRJyIAfPfSTIiWq"
    "J6ietKonf2HrFg0F7u6ipHj3ycAdHJ3QQ0HbipwGbyH/hBLF9KWI6Clsc7Mvv1z96fzlK0"
    "hluWeL6BI6s8W3AZ+YIUm7NEtU5+o86PwmC8Z0iFLjJK1F/2RYLNAqQS3ohKn6CRLOPCfv"
    "I5Xm46gshcan+mWmXwV4XAOqIhIrRr777ean74tpOCPTZ8K0eqhN5CGKrvd2ydYpHs1bea"
    "26cfpO2ENVoEBN7+EhIMkm1JGtBSpM2SxV/xFLHkoxr/UCttQAKpINUN07hqcVjhpPzag+"
    "larMbmuwWyHt2Wn3dD7hQzbarbSN7FatIqMY4FeORo0zX/xJGDVF5/pS3vf0recpMQHDZS"
    "lrFrNO5QEzAky62K3+IvZfeRLLSEVeDMhEWVNjr7lUYZnuKZcrDNkioJPOPWFLZMPblg7j"
    "0nDFX2l6DX0GFO9ZncMyd3vU6rG0PYvCbORWl+UvcqVvhUmlnCVnK+PjAzSkxUWauRSJOA"
    "v1f6VtDUtJ0haJUHVv6uJUnZUHm9m4KfXWxOGdsw6wxrGYFHnP0szsc5g/gnruMApKBIRJ"
    "JSAeEu7v7U90u6cUhpXR2biPszFZZd2+6Q0NOhpL3dG44GrWy1wskaKi65qi65Tq8Dd7oj"
    "QrD+mAXdSHZW7s9kqAbDpl+jxZMm8ayvmmKzykcW9Oc3NEz6T+RQSGmcP5lt1xAb2JzQEN"
    "X3NFiTj47AgZc2KLxLP9wc+i3Kou8rQxMzdHgVm5dT3BC3tTZ0dWhRrPeNfO+Ly09a+N6y"
    "PGzXkjeRrMHdkjd0TIqAaSecO+NWxd6fhBRC/bVtG7v9+0M7sQME6HlyVQsgIB72Vsj24+"
    "xzLdIJj/AMGQDd+6m4llWgwfO3eIOGMoyuBLJCf3Z7VGYnpz1G4gysBT2bidvMv6hdaEz0"
    "0en08gEUFZ6CpMZgChAZtG1oRjwjclwpY04L4Xi4gH4xEk9gtAidb7mA84P3iarywdFCaT"
    "MfijQ/0M0w3UYl8jbVgyoZ+jqfXz1glOF+1KJ8ydZrsyZGYJdWN2gQgtyrJFuVlFXY+tEi"
    "laPq4dWsUQ9Fz/Lvi1FSlf87uWor45siE5EP7l/Pzi4vX5Dxev3rz88fXrl29+yDwJ1Vtt"
    "LoXr938Gr0JBsNbN4IrOkDrVanWG7Ga7zlAYhsm+gz1hHzcn1aFsm8NnpJp0KE9OpwoA8U"
    "w/3a+Bc7dtxk0z4L7caV9GxPeT0H4cOX7/PQY3Zs3Ra2+0Hrt/ZEO2Wuk3M0aY1shjGlng"
    "le14poiZw7e90VZZJzSlTW4f2qtV7fHeM4Hl/Y5OZmC5jylwTtl2bySMA/3KkEpqy4RvOr"
    "UtWMiln7Z5u419rRhYM1//O+34pli4ZP5XrYZaO18z+DkZK0EXaiajDE2WlCp7ZoBot+yS"
    "jKEsrX6HGV0yQudg7UOmK5lzoaeJIbcV7f5T0EqwKjlWJT8VxmJX6WN3TDdHSDfNeUODun"
    "JvXRnO116qcoEQNWXnNOVSI0UAO3hzrQrJTmU3qpTDS1g5QuNKp1MR3F1YHVta1JwXzYif"
    "jADhPnvAfawF2IXvGwpk/B6MTw3jLqzP0yDz92A++7YIqKD1CTjN/C+RoQj22XgmUbeeix"
    "nBAO0vrJPizMd+craAQwUeUMxH7VTLaM+eVUVShAC5JmdHgmCfmc/mKfMrkbDc3VFbOCws"
    "jtue1mjdfiZAtErLC0T0ngmIAtEguCTjlQyjmWciQuMsqnUbr9WoLlJUzGs86PS2QkJS8p"
    "FODDbVTL3Q1r0UUCx2NZOKkeQesTGytIwruWORItkEZs5x8h567nHWv2fzunlq/RoqNv20"
    "QjLRJMpE67QE+JKFa4ySuePXwCjZ0VmMUbKjM/ZRkdyno2Ng3BHjji6x+FHijn/EVEQ8qk"
    "ljbOR7nmRInD9Y2ntOL+32RZcIezHXsf33kZCncQj6eKfk3DzNAPfsix227IvmYoAVLyWk"
    "EXZxwmcE6H5H97vD7nfEDBy/NxtGOIbqEs2LGcqNef3DHDXk6AJ3Wd4Y6ngaci750btoIz"
    "WkiGPcAceYDzx0sNQrdAOyKA9mrUOc6742d7/5O87TDO8DPlLT9SRG1oXPBaLhMfrF+Ztd"
    "HKnnb5o9qXCvVFI5DqY8CPrVVC7R4kHs8kE8oXpl9JR0mRYlfRqS7lZwsEw3vC30OBBMwz"
    "Yv1DZJHdK4uapmhXAIDG9bSIeqrukMlGoaiyK8pnhn1A6hysZshU/9nmKaoGAeo6FgPqHT"
    "iIWAKYK+z1BQj+dhT1AEOVcfYKLfj8CvrmKnDjh30loGPgVvEtAV7CT6OoCfJkEMlQQNwS"
    "0zJFLfvyTWZ+Ob6aYyvONL/QQ7B0nQVYr4UmC9eYe8s4h8OjqLi8m++ikdeVqkQqa6YWC6"
    "xswHsDBDZmrJdopD5mkGyOdjuUy0PtHToV4gxUiZ0+ZdyCbQh6+foAukKGinBZ2mAXiZYV"
    "6V97WUAaOiAVZaO0FJ6lpRCIYl6OtPnz4UZHz9vmxI/vbr9Tt9khnh6kE8sqGRiru/aszU"
    "iGAr6rRMPyQc5ANj9RKGgu3YSxIpIYpgXxGkxnovMeSJURT7iiLxofSSRI4WBbGvIELGBe"
    "Ry9JRFkRzF0R/RTVUvSH2RDgXQXwBSRFCBbKYZWicCQcN1E/K7SFnWVteRBYafmBjaOJqg"
    "uTN1VVv51+8/Xn3+R31c5LoG/X39j5t3VxUZmJ46noxr7MRWu6FE2c9geJi41NnvMxMJgA"
    "hFJOV9vvwwgY5DcppEKWzN4UhC3IdE2ipSl+Z5Se9b6wOx/W5vmb7GbPFjCHvcs0UEkRA+"
    "mRGf+5UYykNbKE7Fvz5wwc4aY2Dm7mh7HMwL0oFbg2GfBCMw+pkyOfNvyV0olYIwUerHGo"
    "HU9QfBBYEdPVfj2saVoi0hsaM8AUNXToQAMHR1dBaXfdKdc8tzRMhSjAY+TF1ST8SwlKtc"
    "bbQWSlRDMhcOhpc2J2cfU6xEOCTmojH8tASA5SqeXqu/z6ZAzlmtXWTujNptomzM9tJqML"
    "8aGwtknLsHl7QRe7smgZzQgJVLoHHTgMfYLGmJJG3vpHUNamqsHec5BjMYyJW30l9zmHUQ"
    "sscqWFnQPzjrRGx6D4NVbmxxFdHp1DxdyIhryfiXxpI3Jj60HCY0V8mN+2b2pJKanlK/sr"
    "HTssprIlg/J2D82YbH9vIzlc4IEQuVmzCp7JZ0TNoMlyuRegvg3aCIm37aGIZ7CRMzbqFp"
    "6I4+2GwaYvGxYyX3P2qTy8c+FI+cCKotvk5tQ9LxA2Tu4WuQmY28yt3mkjYZAZa02aOkTV"
    "7x6ML9Mh0KYQ8hAJu8PlZNiRBNm942pVww4UFr0JrjszW2VyRELODuWEAs1PfYHz2fa2Pb"
    "i8Ogyv/mLMsCEWZY7pZhmee63iy470FgvMr2drh5kRKTxl0Gm1tZxSLiNatrFzFnpChnl+"
    "WsjyE+j+ceIGC6GIdluiHspEevxMRCLwEIBHzOa2BYzf7/GtIBKQ4Hiy9a77DXUGC2VRMu"
    "k6IuvLsunDnsO3zSBRr8lmu+5SxQ0cnHXKDCXgxYDO/BPthNRKuLK65ItZcjzjH+PrQfjk"
    "4ivuzqANoQ4YG3+4GHVaj7COAkrCOnECNfIjm5P2uEjdjbo+3YEU9lI3erLsUTcIWBPiSA"
    "hwTFLkgYC0imuCRSMAOsgMwKPUyuiCkPpccIGTXUljrUzHugJB61x9UTxUyEbK6fUFsqt8"
    "1ZXiDDANFJYt/igF3Hvl6mtRvZ5m77PqbHebebgVu3sSub48VC09DTRhnfbvprwnzkLqSQ"
    "2QYDxgsWcumPR0SwKFfO7o9YRgwwX4qFS1bd047zGAODi2REgwwCN9frzW6UVKyJbRZCkm"
    "YhUJsPShlADpKSmiPh3lukfu8u/sB0/GHAItu3xJNzAyKa7OGNfbPUunzFG4ohgp52qTL2"
    "ornI2ItKjTGzQXU7zzMSPMt7x71j1bWgREqBTD9FBeqGs1DvWcL87ooClbvbqkBFpvLXZu"
    "AOCpTPJtyqF7fWDrMhqGfKJMy/zdqmQ1I8jPW1BiKF1Wpm2mQzaoshAWy+8BUA3XmNYXi8"
    "R4EilZvd6E/3jC2sTgVzjyCRGyxRoQ08/bnNKLRYh4tjgCqYCGeS5hBJ+y9E6btz3GMC9w"
    "NqVNmC6KJUFYgGqFcdHiiQ7DNdmJwjQRbvwGI2nTIT+ejhwi/TohPfOSc+Fsh9koKub7nS"
    "Vlh8r14rrgnz2JsmF4u4DjbRHNzfUGCGzR6RfewrPfRCOqcDXenA0/+EcE2fc7dAiKeu06"
    "eu7RHV2WApkeH5u8P52ysdAxMxTmIZUaX4XZ+FVCHEVIztKyljWq8lVaXGteX02ppEdUm6"
    "LWsqJRjeWjpKsykhoxq0SHMSbjp+COx9iPxblwKRIfN5LZIrd3e0PRC5GbgbIBUAoVM9rK"
    "5y94gkaCsYYCtuEdM6QTSBUPeZDQN/TpiZGPg7OovRO3JMnprMGx6tOzK1RIZcLVXCmZha"
    "kn28TiVS9Ds5rdRjWO+JCFotmPD7FFoqESL4sTfiNDnIu2RM50mGxPmDZUsLfjfrlIO+IU"
    "B+Yll1dzaHiZwvAgY5zT22iXriIUljrw/cIcfPjcncaPD73KRpHVvcPln6x3avz82MERXP"
    "s45tOUg4OGaUdd0UPDdJizZIFE5VvLR52ziahTK+m42rDqFjPmgPX5FbXoyn4TlKZNfVns"
    "iRoS2BtsSpCNY1W6KN/0PVDh6Y+U1GRxvrh2l3YNOnp8H4XayT1rZngzdQnlAibUiFmho1"
    "vGrFpPfajZj8qO29uHweMqMSmyoen367Md2lIbYMzaNCk1X6/mN2UQ9mcL2m29Y+M2HA2n"
    "Gzwy1Tz11zo0vtDyyqchzGZhtRlavNeLoC0QCh3hc7QOouGgF1F2U4XVJRCorOdvx8q5T4"
    "AaMm7oYmjiDRh2vSgvVpe4niFNyZjthSVyzkk9lZjSWV3Bm12VF0M2abFdUs2APbNY27f+"
    "1BWrPzJ3vOfvaM4wHJUYsZk2QYd1EMcyQDVAvPX77cJdfi5cvmXAu4V4KN6kXVgcPJ8AFy"
    "98VOmSwvWjJZXlQzWfQTIyZqTs3mGgc5Eixy0LHIwaMeZv/8X7428p8="
)
