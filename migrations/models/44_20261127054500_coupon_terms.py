from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        SET LOCAL lock_timeout = '3s';

        CREATE TABLE "stock_change" (
            "id" UUID NOT NULL PRIMARY KEY,
            "reward_id" UUID NOT NULL,
            "change" BIGINT NOT NULL,
            "remaining" BIGINT NOT NULL,
            "reason" TEXT NOT NULL,
            "actor" VARCHAR(200) NOT NULL,
            "changed_at" TIMESTAMPTZ NOT NULL
        );
        COMMENT ON TABLE "stock_change" IS 'A correction of a stock by hand: by how much, what was left then, who made it and why.';
        ALTER TABLE "stock_change"
            ADD CONSTRAINT stock_change_reward FOREIGN KEY (reward_id) REFERENCES reward (id) ON DELETE RESTRICT,
            ADD CONSTRAINT stock_change_change CHECK (change <> 0),
            ADD CONSTRAINT stock_change_remaining CHECK (remaining >= 0),
            ADD CONSTRAINT stock_change_reason CHECK (reason <> ''),
            ADD CONSTRAINT stock_change_finite CHECK (isfinite(changed_at));

        ALTER TABLE "reward" ADD "theme" VARCHAR(64);
        ALTER TABLE "reward" ADD "cost_minor" BIGINT;
        ALTER TABLE "reward" ADD "minimum_spend_minor" BIGINT;
        ALTER TABLE "reward" ADD "products" JSONB;
        ALTER TABLE "reward" ADD "valid_days" INT;
        ALTER TABLE "reward" ADD "transferable" BOOL NOT NULL DEFAULT True;
        ALTER TABLE "reward" ADD "requires" VARCHAR(16);
        ALTER TABLE "reward" ADD CONSTRAINT reward_theme CHECK (theme <> '') NOT VALID;
        ALTER TABLE "reward" ADD CONSTRAINT reward_cost CHECK (cost_minor >= 0) NOT VALID;
        ALTER TABLE "reward" ADD CONSTRAINT reward_coupon_terms CHECK (kind = 'COUPON' OR (minimum_spend_minor IS NULL AND products IS NULL AND valid_days IS NULL AND transferable)) NOT VALID;
        ALTER TABLE "reward" ADD CONSTRAINT reward_minimum_spend CHECK (minimum_spend_minor >= 0) NOT VALID;
        ALTER TABLE "reward" ADD CONSTRAINT reward_products CHECK (jsonb_typeof(products) = 'array' AND jsonb_array_length(products) BETWEEN 1 AND 100) NOT VALID;
        ALTER TABLE "reward" ADD CONSTRAINT reward_valid_days CHECK (valid_days BETWEEN 1 AND 3650) NOT VALID;
        ALTER TABLE "reward" ADD CONSTRAINT reward_requires CHECK (requires IN ('ADDRESS', 'APPOINTMENT')) NOT VALID;
        ALTER TABLE "reward" ADD CONSTRAINT reward_requires_of_delivery CHECK (requires IS NULL OR kind IN ('SERVICE', 'PRODUCT')) NOT VALID;
        ALTER TABLE "coupon_code" ADD "ends_at" TIMESTAMPTZ;
        ALTER TABLE "coupon_code" ADD "extended_at" TIMESTAMPTZ;
        ALTER TABLE "coupon_code" ADD "extended_by" VARCHAR(200);
        ALTER TABLE "coupon_code" ADD "extended_why" TEXT;
        ALTER TABLE "coupon_code" ADD CONSTRAINT coupon_code_extended CHECK ((extended_at IS NULL) = (extended_by IS NULL) AND (extended_at IS NULL) = (extended_why IS NULL) AND (extended_at IS NULL OR (ends_at IS NOT NULL AND extended_at >= issued_at))) NOT VALID;
        ALTER TABLE "coupon_code" ADD CONSTRAINT coupon_code_ends CHECK (ends_at IS NULL OR redemption_id IS NOT NULL) NOT VALID;
        ALTER TABLE "coupon_code" ADD CONSTRAINT coupon_code_finite CHECK (isfinite(ends_at) AND isfinite(extended_at)) NOT VALID;"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "coupon_code" DROP CONSTRAINT coupon_code_extended;
        ALTER TABLE "coupon_code" DROP CONSTRAINT coupon_code_ends;
        ALTER TABLE "coupon_code" DROP CONSTRAINT coupon_code_finite;
        ALTER TABLE "coupon_code" DROP COLUMN "ends_at";
        ALTER TABLE "coupon_code" DROP COLUMN "extended_at";
        ALTER TABLE "coupon_code" DROP COLUMN "extended_by";
        ALTER TABLE "coupon_code" DROP COLUMN "extended_why";
        ALTER TABLE "reward" DROP CONSTRAINT reward_theme;
        ALTER TABLE "reward" DROP CONSTRAINT reward_cost;
        ALTER TABLE "reward" DROP CONSTRAINT reward_coupon_terms;
        ALTER TABLE "reward" DROP CONSTRAINT reward_minimum_spend;
        ALTER TABLE "reward" DROP CONSTRAINT reward_products;
        ALTER TABLE "reward" DROP CONSTRAINT reward_valid_days;
        ALTER TABLE "reward" DROP CONSTRAINT reward_requires;
        ALTER TABLE "reward" DROP CONSTRAINT reward_requires_of_delivery;
        ALTER TABLE "reward" DROP COLUMN "theme";
        ALTER TABLE "reward" DROP COLUMN "cost_minor";
        ALTER TABLE "reward" DROP COLUMN "minimum_spend_minor";
        ALTER TABLE "reward" DROP COLUMN "products";
        ALTER TABLE "reward" DROP COLUMN "valid_days";
        ALTER TABLE "reward" DROP COLUMN "transferable";
        ALTER TABLE "reward" DROP COLUMN "requires";
        DROP TABLE IF EXISTS "stock_change";"""


MODELS_STATE = (
    "eJztfXuT2ziS51dB1D/ujtA42uW2u9d1cRHlbs+0b+12n109PbNXFyIkQiVuUYCaICVr9+"
    "a7HxIgKb5LoB4FsTJiHi4RCZKZBJCPX2b+98VC+CyUz6+nU5Hw+OIN+e8LThdM/aN6aUQu"
    "6HK5vQA/xHQS6rG0MGgi44hOYa4ZDSVTP/lMTqNgGQeCw+BPnJFIrMmSRWTBFhMWvSHxnJ"
    "FQTO+JmBG2YtGGrKMgVsSU+2Q9pzGhJGLUJ5wxX6pfgpARLuJ5wO9IIImfsOdwd19M1e3V"
    "j8e80S2/5b+JgMeS0IipMQLGJHADOSL/xSJBhLqjiNhz4nH2NR4rqjGNPZgAHoDRKAyYjE"
    "nAZUy5umcMd5rOb3kcLBihoVCPPp1Tfsc0xeKKeCGV8XhO5dzTc8zhIdVLwL/Nyz2TQBJw"
    "/WpccYFJ/aheHLAov/c8uJsrfqgx+m235PBUnPkjMlMPT4FpgfCJkmoQEj3FWP/b05xSZL"
    "f8TslZPewsVsRBbFiYzaveazYjVMrgTk16lc4QsVXA1lV2AIvSVwnUY3BfalkmPPhTDYzF"
    "HVNXIiXR//N/1c8B99lXJrM/l/fjWcBCv/zt6jcaBz7Moy+P481SX/r99/c//1UTwOcyGU"
    "9FmCx4jWi5ieeC51RJEvjPgRSu3THOIhozv/CN8yQM09WQ/WSeX/0QRwnLH9zf/uCzGU1C"
    "WCkX/2OW8CksEKLvBP/z/f9Mn7AwbDz+9dPN+Mu7m/H4oraw4BEqSyD9aSo4LEr4YoFN/z"
    "Lzbvmif72AG/z0y/Xnb16+/lazQMj4LtIXNdcu/qUJaUwNqRbBlufLSKgPYrFglmyv0h2S"
    "89kPW9Zv96SMqRnbHGN0gbFqRcBdajx9G9y953ELV7dEFYYGZp8+M1aq51X/95d/u7x8+f"
    "KHy+9evv7x1fc//PDqx+9+VGP1E9cv/dDB/7fv//b+1xt4IKF2MXOKwQ9l1tMVDQxHrJhf"
    "IkP292b/PGXu7pzPKJDpvZku1syS6RkFMr030yVTL8+nlvtMkQqZ35v5uWbdxH1Oo00z90"
    "tkFfZPNjGTZyiALl5++PQWZl5I+WcIP/z9+vPb979ef/7nNx+v/6EVmcUmvfTh069/y8YX"
    "tZu3/7x5d93E/YhNReQzX5kFdSH8rPgHdlGHGCr0FWn46QTPs3/sIJlURz8Dwdy8//juy8"
    "31x99K0vn5+uYdXLksCSb79RujeW5XRT4J+eP9zS8E/iT/8enXd1UJ5uNu/uMCnokmsRhz"
    "sR5Tv8iT7Ofsp7rE2WzGlMWzYn1FXp0AZe6yzAtuEFtpV0hRzi7LGdw8dQH/NKdRs3Cz8R"
    "WpKvac4el5saBfxyHjd/Fc/fn6+w7BqsNTuwBef18R1q/plUt96V815o5l0Kgndq+hMuUB"
    "lpBrrB/aGjLO1l5izilxp3ReysbnbrthFshw39x139TRij2WVYUeF5fziyuLPlkvryJhrw"
    "XmmGRPsr4ypu2xxOpT4CpzfpWVYrq9xF6bAaV+BlLv7bBrokeJuyZxwFbM7guRfvhhQqf3"
    "axr549oVcSnaxtYvLS4X1V8op3daSMBNeM4cfhQHqyDeXDRCk9Jro25sUmHUg+Akbx0A1m"
    "ccBovAIFT0QA2KAVBODOCWNZVExiICtIxRxXOIEGBgJN0AcmhTRyQddHbA9lwTpZbyDD1D"
    "ciwFmVODrYnYUkQA0PHkRsZs4T0nXsRALgbI403UqprBwwCUaarYJzMMzy0PYnIXrNQvAS"
    "fLEMA+6tJSI5+uFGUkkrt5PJ5sciTPTPHWvER6UeOCQKQpqsinm32xPXboEkTz9EPzuIWg"
    "cncvt8HxIEDqOIzVnKgxtMPGS8ej72QH2y5iMxY1QxPaOVwiGiCbX1z+uAOf1ahWRutrVU"
    "6bo9qO0VuaAfL58rvvduCzGtXKZ32tAnCaTpMo6mW6VEgxjuKc2VJeUL1t1MObpyjo4wma"
    "xupdJ0kKuSrL+X99+fRrC0q3RFUVcaAsmf9HwkCeI46uQ7jAj5Jcs70yR3EVttGfGjBcMM"
    "HbypZaNGvrIngrRMgob5ZClbQKpFO0wxLA20+fPpQE8PZ9BaH46+8f375T6oOWhhoUxPrn"
    "OnDRmOINDO9KDMhpEDHaGzG6FGEw3YxXLJLqeW3tuSZiNOoqLGZflyHlVN/cYlOvkOGuvs"
    "eurm4fM94HGl2lRHR0UWeyQUcbX62dSZhRYOj6YfdG6v62YXCBBDm8A4fzMIHNIVmm2uN0"
    "dIzb/Q9HxwJy13HMFsv0E2oJzOVjRrsE6JStXRj+YKTuF7EmYqaOGULVf9I5dPAsdYr5RH"
    "AdlfLpRoefdIo9CXRyOvelCUmFIRFKFUuTz7UZUo/bHfFeEMV7H0viBX4eRsvu8Ew+Jzdz"
    "FjG4QHUtg1kkFnqMZOrL8omuFyA4BtVcWaYjDKqd0kwo7hkWCdoFKjSD90uc7Jm+hY5VRx"
    "2rjukZn6FKj6Rhl56Rj9lNz4iKwx/UM/7QRYEKx36omDwin9/9/d3nL+9+HkGtnzsRE3ht"
    "+PnLzafP8HOgFIIk4hplY4oDKS1BH98v6grGMW6ia/8Yd59B96ilJtX/0nulx4hEg4YCqG"
    "EEwpLmFgAmUjPQO/U5Pyd/ZHAkQwP/moZ0rQbAc9zyb3SpH6WbQAUAQhcCaiTF3+oSQgAc"
    "4nrSOfUJ+7oM1KNp8BGVgmtVRw8hk40pFmTqB8lEqU30lmcy0hgp/fLC3xVzRPmGCNCAUC"
    "ty58hGreiUWlG21dkxtUKGbK2w1eywdY626plbgiFpmZcvvv/h+x9fvv4+Vy7zX7p0yrr+"
    "eK/ew8bzlo0fINLlxetdAEVVXbCAJ3pd9bthcPDRgoNw/7HRlMagKfURQpUeBbKvQOwLW1"
    "UIUQT7iiCzC3qJoUiMothXFKlF1ksSBVoURG9BIDxxwF60ijUmrFDdOcEAFd2jQLqNU6nO"
    "4hv2tWUn21IMIYbftVre/eOmtFBqyKASLiUbXoULYUx/yDH9MBRTmr523cu+vTrq9K+Xx+"
    "3UByAW4O8VM0JJCO7tDTjBoXj95o32TU+VmqFLyxOfTYKYfMPZHYWif99q1zLU6odUWX3X"
    "5gYAB78D+pMdWDgj9CefFIwL68WSo0UaZGg1ci5iS3ZuKZCZ6Ol8PAvWFZVlwbiv/tvcsy"
    "i/2K2wlIY9qK/czBmZCHGv5PBMKr0iVsMq3W90DQ7TGUhHpKGABl0xc02R1lWUQ0yqA/1p"
    "OolHdCcmExrfTpy/qszQAcTTcX9mUIc6kM+o0pSiJGQGByBvuQYjAimE/M1kADlQmt6Vol"
    "f63pryKZPbKTSmUQ2GWaSO/IdsFusIfhA/J2nXpDUAEUyvo78AEGEhVooGMsH0Yys5rFhI"
    "wHuhxgL80eAP4IUNZkDjE96QFN0wjlggZaJeBRU0d/ZnVNBOeASmi9OSp2UqZGqFqemWWu"
    "doq1ZRoBiSWnGwgD8WE2kK/WMxkZPw+Sie51Q76hHDKVNiCMfpEA7G6p6IoLUFNl4EvCli"
    "1+VQqBAO6fg/cVx8SuW8jwTKdCiA/QRgug/3lkOVHMWxJ2AH3ZuPhZRK/WR9BFCkRUHsK4"
    "jMzddLEkViFAWCmwcmEAQ3P7oIENzsjCgQ3OyIINSpqx5GM6vnoV0gR3H0FkerDttRHrVV"
    "dcUqem8squhtw+RW3C9RoQD2EABWknx0EWAlycepJOkaWOtDwNlFF2BLDxjtBNoah9nYnZ"
    "DmMJpQCeipQBLdClkXXMmmuyqgiaCkCgCjpuqqLnWStUQiSxr4GZrpoiLpI94GIU2nWHkI"
    "aXp8Flci63qhWxYxqdAhYxErhlix88OKwUk6tq64U6FCzjb5ZiLhJ1OrmtcFkgEiww5f9J"
    "ouAIXfJ3pepRzSF4xAkqclAJPIMYaMk7oEADXXAqUqk3Uh5nYQxfkkiwMArpmDsejBP0P0"
    "lLmHfcEe2e+H0KXHDr8ZH1PP4NuWGEVxlkmyuhNQk781axHU4WfNhzzoXk2zOqHE9HouQn"
    "ZFvEKj1FKh5mdyRKQweazUZItmCauTTaNT9ZCTQ6LsNYnYLIHUWXrPpBqf+V4hr1W32EjL"
    "Yos1H5EJC9Uv/8UicVVy4xLq+xLqg+hZ0tLV4pb7gpnnyetXQ+WRbV1v9QjeJPHvWDxesi"
    "gQvkdANIZGP6tuD0LjYtZvIQUWdCJTqdvUzoYHjwX6iN1xCaGP+OgsLqTlJKFdKmE6Hn0Y"
    "O/gwUHl7JOUNG5Q/kWSzR47EnI9tf06tDwbJVaMzW/K0RIQcdS68PUy+Vrs89d0IKvTI5w"
    "qKoGjF2ujgNcIhFOCtVPTYpdDEi/Y6Ey90mQlHnEhv1Swxk42F1vJroy5X0qQ46kFvkjel"
    "3A9AQ82dO4r/CWx5UCGNfY1HxJtQySDU7xFKUiCFumji/oXLYxiuxnDdDqzmWzrercATVJ"
    "roikzUBe3GAv5qcB/cL51RgvtJ/TZl2kn1UVv9xuu1DOmG+brTmxoPpSQicCqZHrKBLzWi"
    "UAZxkHZVg1HQYZEIXiYO5C33IqGOZM84rDyZLEqt4cBXpZ4tWZJY6Hpt3jQMlkvFLY9Iup"
    "FkDh1oaQRd4IKFhJ63ZjXrJ73lejSUimNztQ51ATv9sut5EDKyqL1U2mFO+++Cu0RtNor/"
    "RHGQSLiTehmIs+jnV48uFkEcY5E3p86Ddm/XMhJ3EV0smOX5W6VDn1fl4IV8qKTBLdN+4m"
    "4pBuj3OnzjrPxQqPO4vZ9AiWgQbO5ytBylp0B6kNa53uptLJL08je6pkUeGOhX0k1svuYa"
    "4RB09FN/0JLdZcWFd96ptyRD4PixIxQQDe3hJC+QoYPcaQd5wuMg7CHhIh2K2GkRT9XF2c"
    "xWwFsqFK/b4o0YML6xU1T7OVimGoQ6fYJatBnX7PfLMiUuKaeXVOpHq8u4C5hRIEJkRm9k"
    "hvaeWhio+fjH5fmLvfl8MJM0cyjXmdgOyC/S7AXHd8w8OjkaXzvd7faNLc3jfsLfndtWQa"
    "VMFrbcLhAhuy0THkwIzCrUUKDB8H7FeZUsrJKmsvGYLrXHBp1GOG34XiBB1u/B+hkNwiSy"
    "CvkUSIbgrD21e3wW8EDOe5mrFdID2KtnJItzM1fta77tWevtfGQ5wFJvGSLsJ0AIXXRAxs"
    "yA0S64sfE0H7trLmKaA6ibWeq+kjRFKpG1SELfNLjUCClIHDTtwY2LZASoJrjgycBnXmtC"
    "4uHuAICvn1JA1Uxf0JMCQsuAJImcA2Yqv4Ea5el2M14NFeYVug15o1vuwc3HASC+zM0N8M"
    "ug17znah5IK/SKKYaTjalBt6aS3KtFzdWf6ufA/GLswSs9xPQHTR8K+nyOtpT69ZlPoL2n"
    "Tqg0kLN1jvcCpqiFDreLYf5vPM5i71vdSTQCnUZxRV3LbH/1qBM2ExHAgnKYm/4uUjAckV"
    "BFL+ecnt9QYBE9p2wMTJA8oRmXb6GWKUZlMmRr1TpWG3edn18WNAxbfTsZzZDc7y8vf3id"
    "u3Xgjy5HzpeP1x8+NICUsm3d6gMtEqHvppqshc0K+7D47EyrVLmzWTgFEtzVK+vGutgk1p"
    "ns7vaM1RmOWJ3BOvFuz4w7txl8+DSA+6Ap1N/O3mz8AJm7S3/y9u7ktd7k2ndhFxjNSYa0"
    "0WIf0afBeO1Xs/zeMxJke2+2g0dy3OejrxAOKLPoxBJIncB23C8QIef7cp6zBtO/i+spAX"
    "LchuOuxNyUeGZB/LtkF00Bt+3VUWe0zYwbJ3LHrkrv8+qaOt0mbXmUVY0dZbGpNIalA2Ah"
    "W7HwmSR/JkqfgzKWWcOjO7pijeU/j3ETCLhlIbBsdsgJIy8IXQh+t62GAHVAzTQ63Cdjyn"
    "0TyFIPwaFADKEToWb19CjPVHm45XmZh/Wc6cidfiYioVICF6Y06XPiFYpO5TGt7DdzR/3I"
    "8HMavTNVHBIQBzyFvgeUkoCoYRoHy15frDmGvdxxM2HY6+gsxuITx48nmkPCxi9SIBmga+"
    "Twjr2IzdSZwad2rtMi0QDZ/OJyFx+UGtXu4Lus+aEithRR3OTx72L0lmaAfD5KXqJSV/rE"
    "IgtkGId0Og6JAecnIug4sNsts/ED3CmPUW89DKabcVoR0FZzbSJG9bUxaNrRkKx9o6qQYs"
    "6By/tUKiztMuop6JwWJe2ypLXfrS7iVj93Pn5Anu6DAXZODYAaODuxFcExznA1aQzl7+3z"
    "yqqUPfPLzkg1OmSCWdngM/GXXgZfiRRPV5dP11xYduW7KmRDyI4+kpvMlQiyaSl00RQ+Ti"
    "+NOmPHhUEPxo2vFybkCkFS3WWbKCHHOvnR092r+HTjXal/52248+Dokkaxrg+/pIGuam9Q"
    "OvWw8ZHugbFUJ5QBjKWeUN/CWOrxemphoA8DfWeuwVT7GfYyCkqEGANy3CbAYN+TEHSmJ9"
    "vsmkWaAe6aL3fYM1+27pgvaxE/utGdHBfKmrDM5atRDs/IPnyEVWeRGXOvyXP4QPrZlhCT"
    "cnonJmwNbjsJlOlQAJgFeH6MR3hHH73JpiwPp0s5Fw16aUfh2gINVlDdo4Iq+7oMKafNRZ"
    "jb+V8hQxHsIQIMjboQGvXZQj+o5RZfI8TAf5mzAN2xdUIXaZCfrsUbP0DvzvaY44e0teeD"
    "ccdx1gR0h+AjgbGESjILIhmT1M2bVjQl6jm4D5a1JAvqpzmgJu9Tprmmiqwh3niwaTHE6M"
    "AyGWGI8aRZhekytqwBWaJCpmI1u6OiOZeR8JOpVeprgWSAzvDD+2epRu30cQ9WKYf0BaOH"
    "9mkJQD3AioUdSUotMYoyWVdwdVAWD8RKmzkYix78M0RPmXs0VrNNktTjs6sfr0yFbrx9+j"
    "RiiOaRejZmZrptxk6FDj1NzniafqJKX/Vp9JFG9xcNrqbS9VGXr2majhwvsqEPOptuoBwX"
    "lTEJhaImPt3oYl3reTCdExqGaVUvaeqW5YBZ040n1Jg4Es8jkdzN6y6nQ0++h+PJRYjw03"
    "BGTcVKiVNNaARpo+80kO6p9bh2iDys9riySbU1S9uhSZpFbzQvhdkKnie7pD60Z3K7i4yI"
    "BykwXLsrPbWfCCJF6OsWXqacYaEeITQIa3CHH+1OunTj1vFXnT3tyrZUG8sK/swApyPTog"
    "1GekZT8szQwJRYHEGZSHX1lkMhxbTWoxCwQer6jWHEqL9B//w5bInon8cUoHNhLKYAnSoF"
    "KD+QbFSkEtGTU47KSPXsnLZa/yUqtIorXkr2tSGa1N5vPBs/iCXflShzjG7jYcDvrfyZOQ"
    "G6MvdwZcqYxkkD39tPty3FIL7zY3epEkvWrw5LiRAz8ZzOxEtlZVeEpUQ0wLV0lAxmn02D"
    "frmtZUosa+TyespkZbegylTDy7c8yoKKGJVNRle7mrulGAKLT63nPjKU8ny4b+P+On083j"
    "E+PrmWWj+p//vMVoyGF01hme3VUWdsRv00jrYDH4zQ/DEXZE0lkXOxNo2tYIo0hLtNEDLN"
    "n9Zzxk2sYp3lHdQjMQeZEWMeTuxIGPM44abvRB7fMFmrtsAmcHG75p0ToBm7q9YNZ07PGk"
    "0lUvQMOWfJOqMiLZYhS5nfoCLlVx9QkUrjds3f3CopodJrRpBKuWFQrXVEoG3UG9PPMwZ9"
    "Rp3rUPnVKORkSjmZMCKXjDdoSwefHTUnJ84e1JxOeLxjNucRmAr70tg6pbNCNaTUgIPlda"
    "YnUC9lqUqL2pJz2hKWLn2SgsaCzwNvWfGTSJaCgyf2otH8yK8+YH7AuPE0G7iD/WFInknt"
    "SB2RYGEqvQCCXNd2gSQcQLCDQxX8rVt/UA45B9PiLliBs1U0GSGHvoVGzWtn9D3baMz8Oh"
    "0WwD0WS6pmIJPNGw2TF0msDBnJ9PSTkPJ7OYLKNksm1GFH4MNRpGpSL9eDPT3WK7m+PN18"
    "I5tQPTIL7jhRDyDfEKpuENNQ3CXq4cWacLZi0a1aJspw8iUYVTTF/T+Tz4kHP6qNVz85WF"
    "vqbyIDPmWlN73lWdIA1S8GPTx0z481J96KhkHa1A/6frCvsZpEB3NN4oGYgZU3m5GFWIGp"
    "F+vcqswtjtB/h5TidmMOcepHc4brDdvWEV4gQpbWzA7fCvWfjR+ganIUwH923NnyOKMZAv"
    "jkBGxGgO+RAb6P6qB07HseUGR3kJzNDJUe/pUKKfpXnPavFKwpW0FXSBEo7bKcAymTfsu5"
    "SIgydlnGENHuIeECGcrXefnaZToUSIZnBh0FcLUSPdOGSoS4kFxeSKkX2lbCBTKUr9PyzW"
    "ICPWRcJkU5n4Wc7Q7FChkejDsdjDnX1vMGbrdnAVbphsDuU+QCOhKdf/d1GUSbz2wBrI4u"
    "GiL0lRGjrig902PHUXHwg5H6TxwC44ZiRDyfbqRHJgwC0TpobiYl37Cv0zCRwYp9q5Oiwj"
    "AD8+o4sh6lCNKYbz1af7zbYLjZCfcmYoePzuJSE0G1Dnqp2SVK9B87rYLBLlkXcCuMORuO"
    "+GVs6Pu46emIJn4iu5UjevR7iDgLZQpNN//ONk16dGVEpx4dbMdmMJcH9eh2ie+hn1ricv"
    "aB5PTQTc8RkYOgyNMj+JQRZ5disKUYIPTpKO4jsQSGNLYU76x8F7U1FB8Cpw/feC/gyyQe"
    "yzm9fPW6SZNsbxxepcTG4SPSt3G4hFeocb+9RO2WYq8atefjJT1KidppxGjP7M8SJSrxqM"
    "Q3K/EfmH/Honc8jho1+OLlTvU91APHLB+5Q7aaYmMQBytGTBY4+J5Tv7NJdNKVLKDpySSZ"
    "3rOYxIJQLkCfvzJZWWQ6p1y9FqGzmEXAjMb250e5j85bmwvF4zRzK2v3kjvTScChi3pMoG"
    "CH6XxFfvn04WfiB0w+J9AjayaSiHi3yeV3l6/HenKPmDUsbzktNZl5JsmEhpRPmTSPoa4F"
    "kG6mGH5FvDmVc/0IX365/os67wh0UCqTLyO2CkSiZobBaYJeNoVpQgMpaUoPFFOtokg9Jh"
    "SxHKWN4CFVbqFeR3FQ33GsbiLVSA+DAu5YARgUOKGhJZl6mcYmKV0+ziIVejl7eznv1dta"
    "+WrS8QO0uw6f3AOn4ticiDY8rpAhq3dgtVIN7RldIkI278BmjEY90j7NZjM2BQ28T+y8Qo"
    "umrHOmLAYen6CgoRoK1MTTtqjlnlolxa2199ZKVzTQHOkjiAZiFEVvUcyBsIcUynQogN4C"
    "EGvWSwBlOhRAbwFgg5fDO5goKL9BvLFkaoUMuYp1Nk7WNjrh9uW4CkTI0coOsFD6svpvbL"
    "sFVOiQrxWvW0S5nFnHQypkyNWW8wqadUSShn0Prgo98rlibWxDz7aOlgopZgS77GfBhkTY"
    "BvTxVssx2oAWgSN1rn9Z0DBs95VUaB/XWH+xx3dtDPSXlz+8zk1y+KPLCP/y8frDhwa/k+"
    "JJk8OjHRibUSAgtvoFdwFiXUHsCXGfLC+awHrmyqgTp7cds0PHTxoTuIfU6Dgohi5m+p8G"
    "EwSgMEryXIw3umun0owB2QLVyYk65hQPoUK7rhbf1AH0wHcAVN41ST1KebV1wcMNuedQbH"
    "2yMXMocxNK1m9bfJnBU/UsprkoUYuEcJE9yIbFz8n1LVefXqyYpsZAMXjAy6UD9D1MkXdT"
    "u1499Yr5+wLjVjRMrGox5wSDy0h6vdPh/7rj8H+dHf6YkXR6oNxULK0+5JxggHoslmJ2/4"
    "NVh5GtFzOnQF5WkFf6LOyBCSkRoqPCZUdFKiq7wmUloiEY08NubPVBxBeNhkf8kNUR72Zy"
    "QMWqacR8pUKb7kZGgQ/ZTCedBA19cR8m0ak6BayLadYErwZ5OaHJskkzgiDpJsUn6VZMWe"
    "EeTbJN7YE7wQS3HPpdFatlmYQhQ/gc2k4t1LehZsvzg2SygOeCfyq2PCsl3Dwnv5l73/Is"
    "Q4nGiXokZbYogoVk4Qryf2LimQv60UYkmKVGh2TxyDT/1fk86Sh/XHgRaI4VJSHLH0hnPo"
    "HtIiTTDanSsmDwjmAnmTwiNQBsG6XkcrUWR4Z98PKaeZn2+0xiJpA7BzBmAp1Sx0F0+WPV"
    "Okq3WDvel8iQ/f3B/TTi/QoTFwkR7e20cl/UnmzlXKVFM85lSTtU5RKlfDxjXYTBdJNFUm"
    "193U3EqA9W82eTrB70zqmzOcUAXd6HLwwFRqwNe7Pxw3MzHZ63iOQ//IYQBpyNTQmaOlNb"
    "zZQKVS9DxTF2HrrK8NYVZquylClRZXFZZam7MvtJuzoDSv0spA5Fqmz9lQ20eCg5E0z6qN"
    "3JFw3xpPTKqCuktNiO2QHIJgql0Egg3xCI0qhPAVBiS2XHCE5DAtXafEk0hguCHwEnnsHL"
    "eSOiPlB9QT1HI5DtwHfQMatlJGZByMbrKIjVFHnEBuoYQQzJ1Ow1cad1JGJFS6dzcs82WY"
    "QpneFKB3kyOBwX8S2P9b3WVBKYPWZ82xgGZlO/37NlvG80x604w9OI7SCE7XipjQZ6amV1"
    "FokGaNcfsE78ltP6/y2YnI0fnml/nMZ3C9qUNdbRXzAjGCCDX+3iPFGj2hn8quY+WSomWX"
    "3AOcHwGPzycgf+vrxsZS9cqjingiie+7QBaAb2X4trqkDTZfGdH7c7uAsWXAvvxmlJ43HQ"
    "kIPV6oxqoUanVN0pBZguO//0lmKIasLhqzka06bO4famBAWSvboSuMbqDtYepS1BxS7tIY"
    "IiKTaI6C8JGdM4aRBAR1pNToG7zA67zH+KoB+6qUSI6CannczaRo9oOIYcUmvjvkiIa2qH"
    "NWW41pIr0lkkqkiGnnxnPPmfkngivr5bMd6YHlK8POry6Qs9cMzykQ969r1C0WDtHqc8b7"
    "uydYFnuQlkqnTse0iQ0KkO5nrEQrrReR8RoyE4yhuayBzpPtrLry+k3V9GaVsWRtKf1Rcv"
    "Ii913YNfHlLOZyIa6ZkkU7fn03RyCDVA1vqMKg1r78xzTMTARIyz2Qgr1gnGP45SME8sg6"
    "mNepQTDFAtOjzmbkk3oaANn2yHNb0lQYfGHmY0di14Mpae0pN6yrlIiaAx56U8BjUY0J0W"
    "8Y064ZASAw8W2yhYLL2WUWuxfVxHDq4jbYLaecVKZMMLaQ+trMenFYv8hH0IOLto8t8ULo"
    "86/Tdm4DjMRu7QBBjGbjGH6Qy6wkU2G3hcdDWLtCQG+EDA1QHFJ8Absq3h19T89+Dzo0vF"
    "CbMUXSpHZzG6VI7O2EfOsxsmUx8v0c41fh5a8d8embZ6f5kSvSRu6/00kP2cJEVCFLJzQn"
    "bE3viNRvfM/6uxDGrmRuFqp7Wx1OPGs2zgDsbGA4W/0wwoUPrTI3ZE1P3DgEFdQZYNFYum"
    "EPHBZ9/D0HAlU8Wh6uEHzFPB1KtH05N7fdiNxAMMSR4lFQtyTW2YnY0fIn8PjoSTKdBp13"
    "hvNh6DvXsFe5ciagxddJ2NW5oBftlH6qs1ZUG/su8VUrQk0JJotSRi3lxEIrv0kA2RD3rI"
    "fmiXLYYEnFAXUS8/uV5umzAx4DyJwwMCT1oFwW3mHkVBmUYM+NFDPylTonqC6kmnevLvbN"
    "OhocDVXZSU8X06cAdHJzREUbZiQMM3kH9CiWTqp9iUhoJOhV9+uf7L5avXkMoCdZ6uoM1i"
    "MgmDqR6S9j40RE2uzoPOr7NgdLs36aVpLeqVYbFAXxK5pFMmmydIOfOcvI9llo8j8xQan0"
    "IdrFsOHteQypgkkpFvfr/56dtyGs5IN43RfVsaE3mIpJuj9DVp38ob1Y3zd8IeqhYIanqn"
    "h4Ckm5AlW0tUmLJZqcPEV0Ek+KLRC9hRjalMNkB17xieVjhqxnJO1alUZ3ZXt+waac+22e"
    "fzCR+ya3atB6xdtYqcYoBfORo1znzxZ2HUlJ3rK3Hf07depMQEDJelrFjMrAo15gSYdLFb"
    "JUzsdvQklpGMxwkgE0VDtcP2opFVuqdcODJiy5BOrRs8V8iGty0dxqXhir9Sd/b6OaKzZm"
    "Rm4fKo02NpOoT5+cgdXJaK8QmYtHmZ+gmDLKy0Ov0V9CfWLjpJoQVyEBN4OJmW1lkFMgdb"
    "Qp6XUmX9Jr/lcW6C8V8nHCvoFTy5BwtDlFuf1U766YsO/fRFE4bKbDp1HnfUMNiSYBJTQx"
    "JTdgbUeXrDvrYwtUgziG+3S71/94+bkmZfA12WnH/Z8CoSs+L6o/2QgEU6dEk5bWUZUdmZ"
    "B0WaQayrYReKMAbAZ8jyu2i1D8zlXeyDKB/5oH3wi1irS1GuibO1xgBAtpRRyPVcSlMPWK"
    "T+V+iQPqEkbVJMqLzXdTPrRsHBZjYtu4QM4JnzXl0aeJC2BStYDnAf5o+gAxiMghJiUVop"
    "NIhI4O+NN3C7wzOaHWh27ANGSFeZ3Te9pUEgQqVXecADOe+loFVI0RHumormlOrwd3OitC"
    "sP2YBd1IdVYezDlcLZbMbUebJi41kkFvp8hkfUZZ62p7k+oudCvRGBYfpwnrC7gHPwE8IB"
    "DV9zTYk46OwGDymSaMpyNSIzQJ+pP5WVqrQOUw48b985MvczLUSDrYPS3IgLzq7UrIqnkT"
    "Aqdz61ZOqL99MmpaVp4Gr26Gn2utJ2mK/fCqZE76c7uzmqISc/Ngsb0I7OuQIF+uYafHPl"
    "bdQ6Jl+jRnXENXVkN09sewp8hycW0+Df2LQO0wqGjRN8SzGEMP6pPeBcxFbczsYPwi16am"
    "brVCFtltr5o6t0g2D+CXB0W77ZexCqtBjmcfrQLpiQNiurQjaEE2TosR4RfonF9P6i0VmT"
    "XRx1O2pEOJb5uJ2iPOqBNiRY6Ho7PoGCAdKkmMJkOnEzZLMUwMW4r0t5r2gY+OOEx0Hoja"
    "AAHwcUV3Os54Dzg6Pm2tBBAXGRQFwoUvfQ3hOToxqTCWNc3UdRq/tt0nxadJo4Ycu3O00i"
    "ppeQHbNLROguqbpLtqvIVkeokKJZ77KGELGFei9425qU3wZ3HcC1AtmQvGP/dnn58uUPl9"
    "+9fP3jq+9/+OHVj9/lbrL6pS5/2dv3fwOXWUmwxofmis6QeYwbdYb8YrfOUBqGRbkGe8I+"
    "bu0oh6piHL5ylC5bMhazmYTEdR3fa0i77tqM22bAfdlqX8bM7Ceh/bhz/Kq3oWHL6WuuPX"
    "T4bkftUmeKhiFYzzKms5mxmamyedV5m+IJiM+mAZjYKX7A2+bNelfEM0U1NBRBzeIFfJnE"
    "XmPBqaPdCPUEx/UEhC8cyR4XS3jnRgBDuxZWIhpgeOTwypjea+osbg9x5wQY394nvt2n1N"
    "O+NZ7OiOnHKvJkVAj7yGuZbIA7y3ECrxnbesRdy6RoVjhnVjhaqQbFPGjr8WdlSLWC9Ktj"
    "RrtYk2O/OPxBs/IPsO4mTDdNMylxJJvJ/K2MuMDXxTpItomRIB7pwr86RmT6qaUoeKWxNn"
    "SGPtZN0Jx0wspBc/L0SXmo+D3NynWucf/c9YGSjyaJIRPdykOzJRngYjp8aWjjOLbdtspU"
    "A2T0UXatjGv2u1aZEnctp3etiFHZ5FZuz3bYUgwBGXyKdAdHrMb/nUCeSoOpaC6MuuzDP/"
    "MhD9qEN8o+YysaJjr2UEh/1nP4xizTlVnS3xfUB8Oubvj1ngnQvu/odK4DiBQ4J3U8kZIo"
    "CdUjQ5uZpYBPYJS3oFmyKBB+ZmBOEl9ZhSZ6qf7epG1oJItWzL/lATfYYsXg58STnC7lXM"
    "R5nnbaxviZLkIzYVfECwMOLXPmdMUIXQDCGLrgkEXA1TQJ9L1Bk9QdS6ndJDXlgSzt0RIR"
    "GqN1YxSt/GMwVsY0Tux6eOQUA9SSD2+OmCOkKW7Zjtbb0iA+rzc+D87XXqZJiRAtE6ctky"
    "XdQPWA8UKpQsKqJV+dcgiWyrHBL26XIXR3YVmcyNoKqLO1HV+UEyC+aA98kbEAbfi+pUDG"
    "7wPsSg1jG9YXaZD5ezCffV2GlLegRtv5XyFDEeyz8UxjEdloLjnBAO0v7KHozMd+drYAht"
    "CfhJgjFjLaDyJbIcWyA67J2ZEg2Gfms0XG/FokrHB11BUOi8rjHi5pbNx+OkC0zloLxPQe"
    "UImc0DC8It5aRPF8rCNCXh7VmiQbOWqKFJVrGh90etMdIW0HT6e6Ho6e2qTv0fANQC0lI+"
    "k1YmJkJCUhdyyWJJ9Az+mlz6Hm9iI2YxHjacXk9bxCrR5DJstlGKh/Qyqh1NE6JYFgxaLN"
    "c/KJszwsR/IYALmjK3bLJxsYzcIZiYW4J9+VonzbBnEUSo8G8cZMNIlEcjcHfmAMzh2vCc"
    "bgjs5ijMEdnbGPWpvqfDQYjGpiVNMlFj9KVPPPhPJYaSV11rfyvUgyJM4frEp9Qeu1+6Ir"
    "hL2Y69j++0i1dJIItH0rxHaRZoB79ssdtuyX7W3Iaz5QKIxq4+LPCdC5v59zXxuRlspdhQ"
    "zVOwyZnLgOAeI8jv0RY1SqD4PPwo1dFDO0hxv3D001kGPYwmV5Y3jqaci5Evuw0UYaSBF7"
    "ugP2tBgssvB/1OgGZKcfzAcCscn7xhrv7d9xkWZ4H/BR9Oo8rmnD5xLR8Bj94vLHXdzTlz"
    "+2+6fhWqUFdhLOgjDs1wO7QosHscsH8ZSqldFT0lValPR5SNqutkeVbnhb6HFgs5ptY/vi"
    "DzXCITD8CdWA+Az6RtRcdz6/NuqGvhVGPQh8A7RW1pdezIhQf8rAZ2+IF/jbtva6sh8nEx"
    "HPR8RLx3umE5sk0CGavIABjE7ndfTbEe4BELhPXBPOooBx/5nUc0JRe+4XUGvmKvEDf1uM"
    "whS+T6vgjGBOGGn4xqJn+nlueVr76Yp4lMu1epz8UQvvUnqAtJQ+SSlLFS+I958i4Pqwg3"
    "lueZFSve9MSUlfg98DDq8R124Ag8xdDFcUXc3fCzUs0uljFi3kc/JXYJ3nJ0zPr55bCki8"
    "VMLRLwQFMIgPQpmJiNDs7UZpZcYg1oU5NODPR/ydO95sxN8dncWFfntmUVh4PgoUCPxocH"
    "ogovFY+LvArhdYNn6A4dldfBvtno2aX0P3yLH8XIs0+KkiVPS0UNFc57R1zpQIMcrttGsm"
    "NR2sPa1bMnS9uSzfiE1F1K/Sa4UUF7LTgkbg1/HRi8aVY2HHFSgwdl0342YhvbPCNucEiG"
    "0+n8Ilrn3EpwALYNntY4dcStXstXvaVr/ZUqEK67Jmk4YPeki4TIlSdk3K7oRNE16ONZWv"
    "jB4ImWZjduuoBpE9LmLCaMSZT+gsZhGUzxhBI7OIZeXuTYUPCF0WSuHrNmnw1i2N1A4zt6"
    "kRorN+x9OQrgGAoX6HOh/TMIHm3uti1zZ1/YoYqLsJlM5EdBes1B3MHCQtJCJ1pBDDgO7Y"
    "NhgGPDqLy3Wt1V0seVqmQqa6gct1jZknAOZGbCkidZzYMXpLM0A+HwtprvSJnh7bEil6bJ"
    "3TeNE1/wQFnVW8G+d45rq83woRMspbAteNE1SkrhSFcFiCfvvp04eSjN++rzqDfv/49p06"
    "ybRw1aAgNv74OmCoZsw0iODBEkhV+iFhs05cOCZlKNiOvSSREaII9hVBZqz3EkORGEWxry"
    "hSH0ovSRRoURD7CiJiGkUf95RFmRzF0VscUyp71Xcr06EA+gtA8Biabc0VQ5tEwGm0aRFB"
    "hbKqrW5iU6XszMTQxdE0/J6rq8rKf/v+1+vP/2yObb5tCNe//efNu+uaDBIOVYNE0mAndt"
    "oNFcp+BsNpYl4Xf8x1JAAiFLq6d6HTLuREQTrTepu8pMZA3IfEyiqSV/p+aQaS8YGYlK8J"
    "U7+lBcUh7HHPljFEQoLpHJK6ajGUU1soTsW/PgScXbTGwPTV0cNxsHGYDdwpexBGP5O6PP"
    "wbchcJKSFMlPmxRiB1yCHjBHb0QjtnE1eKHwiJHeUOGLpyIgSAoaujs7jqk7YudF4gQpZi"
    "NPA0LTjHPIGlXOdqq7VQoRqSuXAwqK4+OfuYYhXCITEXjeGnJQDsnXBCxjtjG8EcF412kb"
    "4y6raJ8jEPdxHTHaw8bYF4hWvwkzJiJxsSiikNWbXbVyDBein1y1L2TlZkv6Gd2HHuY4qq"
    "MLIO4jnxIBNjnPUt+w5oBQ83xKAC1S0UvS5BwtlK2fzQcI0tmA8NxEKxHq/VgojyiinmZA"
    "ZDbQnODp/oCvckZDPdnMyY86YsC7wAF3GghOtfaWeA9hLoZ6KFvmdp6Zi075iacpJ2C8v7"
    "lKmnNd3I1G1p9vMzmc0ILyILE6Z90NKaK9vhYs0zhwM8G7Q8U3fzYPg4lUPOcHj7qdJvCg"
    "xPO7nJ/LmgTxsNNMIye3rtIOHsObkG38hScCgmA8Vb4I5qSjVbsEgWY7lkShtP59ZvlSqT"
    "arzuRG5MYWjuFgk/mar3Gem38VY0DPyxTzfSM1wKNKbTBw6EVMYZhjR34Kin9NTXzuVM7W"
    "1qKXjPiUanlljuRezPBKojw6dIrn/++fO7L1+gQdz1b799UnvAx3e/3qDB7Y6W3W5wYzWO"
    "Y1WaF3bVOLLxA4TaHb4qsdr6Gr7WduZm4wfI3MPXjtBnW5277ZmdOQFmdu6R2VlU52y4X6"
    "VDIewhhILua2crVgjRYOxtqQul646V2po0HJ+dEdMyISIsd0dYYi++x/7ogwW9Y+MkCuv8"
    "b088LxFh7rl97rkxjgFuUGd7N4i/TInZyS5D+I2sdFHbfmLOSVHOLss5c5YBrsjGOKzSDW"
    "EnPXpbIBaNU9hFGCyCBnBbe1SlgXRAisPh6uRqh/m4pYdspyZcJUVdeHddOI9hWHzSJRr8"
    "lhu+5Tx2Y+VjLlFhP17szHayD3Yb5LNxxZWp9nLEOcbfU/vh4jlbWIVPcgLU3h7W3raRaj"
    "t3T5luQPvGib09DWF9O0G0TIAS6Q0PS2ETNrt9kQb3+v57/RaiYqHFlIkG9OEfsrlsDuKx"
    "tB+rpCe0HzOQzdnajxkyykZ5KdIMT385PEKBTuNgZftRb4nQHbL75zyNGLCkT5vXEiWWOX"
    "LOd+4USvtLLKb3F61QbXN59DBeeyzzkbtVdA1SNLJG1aYI4TRzlJMo0U0dr3TrSkAiQzaz"
    "GibWRJdkVWO4iFvquR5q5j0wtClPbHP/CkSIqLVF1EZsoe4A962fTx0mXYkM4UNnmW+ShO"
    "xt4qtl2riRba9272Nq3HiyHfjgNnZt6iqwaARJHgaD9mbbCBfmMzkbzIcB3pJFgfA9SOCI"
    "CyWk/0xEzCBJQrJoxep72nFuo8tVxyKmYZ4zslDrLWupuyGmvU3eepeGIZQPg0wFKRRHor"
    "23yKTJPOrQ1ZNGm6gnlPjhLfHs3IyYa3D6UJBeajZf8ZZiiJD4XSr7vmgv7PuiVtdXb1B2"
    "53lOgmd5b69sIm2LuGUUyPRzVKC+sLsF4/FHjQ5q0qHKAzrVKGmGplCjXTUpM5qAoqG996"
    "YWlbLXdFFAHhONBVQ/6Pa+I8K+TsNEBiuW1rFaz4NQd+qQalioNJomPeo4N8FUSydOZaxt"
    "dErFBzXKIzXoNrunjUpZIBmgTnl4EAb1+/UPKNKhV905r3pdxJONzTIq0gxwHR2p7cpCrH"
    "o24yhSYn6Hy6spk5XdeipTDS+6frAF5YoNCMWAfqabiybzL7s26rT8YBRAgyzd529qxWMh"
    "NrdkkVRWh5ilZYru6IoRGsIlY8BB/R+i7tbhMT/EzHuYd+ZGlu7BfVoau+zmPuABhJ7uk9"
    "sl6aquH/HN/EyHd53rw2IlHNRY+RAdqQCCUds71y/ecI5uLz9wlKqB4+l25E6naRQx46rT"
    "yBc9B1TKU7P4b/Q/xJoskul8ZCLCUN1fA2XUuaYr7gmyoL52cJqoccvRepzboBvViS2/C1"
    "/jEqbJ3aPAplZdvsAtcoFyGjwiegc4ESv2yOynjYZRe8mdLcUgfHNd7qFjFNxRqkNTqluH"
    "NzQjGAS7T+AKNdtyL7x+iRIjC875Qh2xLW4CFrWbFoWrnZZFrFsiWxkWPpsGBgM6MWB5Ex"
    "uHktkB+NjSgtta0YexPvOJ4AZ6CraAxpYa6AXALHwJRkLQgN4/3q0A7VqYXbsC7xlbGuAr"
    "zD2CDleQLsCVxqo+4rn6EywUSTxAiegiRWn9d/V56L/QbHFHp0b0xwnNlnxB2GgUJaIBah"
    "WHByqk+4wNkwskyOIdWMxmM6bTU3vobVVa1Nyc09zKNudURP2QPxVSFLTjgm52LnRBFQbl"
    "XDj2phnwZWJXsWVLgUXy9yjYYlLyxmlKnm2Iu4kYVVu3Oow6hng6DE//E3Jq+5y7JUI8dZ"
    "0+dRmNuJKVrcFSIcPzd4fzt1dFdaylfhbLiEoZ3PVZSDXC4SFuj5AKkjGt15KqU+Pacnpt"
    "nTYI6pgkTxAD5SJuALO0B/Wz8UNg7yki+i4FIiPmB43ldgpXRw8HIrcDd6saBiD9mRpmEP"
    "6SxMKU91KTyRFJS+LAANNHOMvsbqkUts9sGPhzwszEwN/RWYzekWPyVJdHDeKNJVMrZMjV"
    "SjPL6TSJol5epwop+p2cVuoxrPdEBN27Z8MhejW4JtjHgW2nB7lNu4AiyZA4f7BuATy4m1"
    "u1kdoSID8bu/dh1uWjbA5TsViGDArP99gmmomHJI29PnCHHD83urxmi9/nJqu9+YDbJ6/R"
    "+bDX52bOiEwWkGuqwd8FSDg4ZqRx3ZQ8NwbevYZq7pmKRyZsJtTfXjyPRHI39+oOoWPeaA"
    "9fkVtejKfhOUplZ2tPFMjQlkBb4lwE65ot0cX/oWoHJ2Z+m9HRxfph2h2nbneI1om71kl3"
    "B9ahGyhPp0jPTdpl8aLJismudRsxxVEPmjCeH6QVc3SrlU+/3xBlI+jY8l2wYpHOKn3/a/"
    "6jGszg97qNstdMGLB23Oxwy9Rz19zAOuWPz9h8I6pztR1PVyIaINT75Q6QupetgLqX9W7x"
    "uojpkkax5edbp8QPGDVxNzRxBImeruwTNhHuJYpzcGc6YktdsyiYzi8aLKn0yqjLjqLbMQ"
    "9ZUe2CPbBd07r7Nx6kDTt/uufsZ884HpAcdZgxaYaxjWJYIBmgWnj56tUuuRavXrXnWsC1"
    "CmxULSoLDqfDB8jdFztlsrzoyGR50VDNTyj9uakNU3uNgwIJFjmwLHLwqIfZv/4/4CPruQ"
    "=="
)
