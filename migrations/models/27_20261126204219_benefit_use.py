from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        SET LOCAL lock_timeout = '3s';

        CREATE TABLE "benefit_use" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "programme_id" UUID NOT NULL,
            "benefit" VARCHAR(64) NOT NULL,
            "reference" VARCHAR(128) NOT NULL,
            "reporter" VARCHAR(200) NOT NULL,
            "used_at" TIMESTAMPTZ NOT NULL,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            "tier" VARCHAR(64) NOT NULL,
            "policy_version_id" UUID NOT NULL,
            "period_from" TIMESTAMPTZ,
            "period_until" TIMESTAMPTZ,
            "quota" INT,
            "number" INT,
            "activity_id" UUID,
            "content_hash" BYTEA NOT NULL,
            "returned_at" TIMESTAMPTZ,
            "returned_by" VARCHAR(200),
            PRIMARY KEY (member_id, id)
        );
        COMMENT ON TABLE "benefit_use" IS 'It counts until it is returned, in the period of a level''s quota or of what gave it.';
        ALTER TABLE "benefit_use"
            ADD CONSTRAINT benefit_use_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT benefit_use_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT benefit_use_policy FOREIGN KEY (policy_version_id) REFERENCES policy_version (id) ON DELETE RESTRICT,
            ADD CONSTRAINT benefit_use_activity FOREIGN KEY (member_id, activity_id) REFERENCES activity (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT benefit_use_reference UNIQUE (member_id, reporter, benefit, reference),
            ADD CONSTRAINT benefit_use_within_quota CHECK ((quota IS NULL) = (number IS NULL) AND (number IS NULL OR number BETWEEN 1 AND quota)),
            ADD CONSTRAINT benefit_use_within_period CHECK ((period_from IS NULL) = (period_until IS NULL) AND (period_from IS NULL OR (used_at >= period_from AND used_at < period_until))),
            ADD CONSTRAINT benefit_use_of_one_source CHECK ((period_from IS NOT NULL) = (quota IS NOT NULL AND activity_id IS NULL) AND (activity_id IS NULL OR quota IS NOT NULL)),
            ADD CONSTRAINT benefit_use_returned CHECK ((returned_at IS NULL) = (returned_by IS NULL) AND (returned_at IS NULL OR returned_at >= recorded_at)),
            ADD CONSTRAINT benefit_use_content CHECK (octet_length(content_hash) = 32);
        CREATE UNIQUE INDEX benefit_use_once_of_quota ON benefit_use (member_id, benefit, period_from, period_until, number) WHERE returned_at IS NULL AND activity_id IS NULL;
        CREATE UNIQUE INDEX benefit_use_once_of_activity ON benefit_use (member_id, activity_id, number) WHERE returned_at IS NULL AND activity_id IS NOT NULL;
        CREATE INDEX benefit_use_by_time ON benefit_use (member_id, used_at);

        ALTER TABLE "lookup" DROP CONSTRAINT lookup_scope;
        ALTER TABLE "lookup"
            ADD CONSTRAINT lookup_scope CHECK (scope IN ('reference', 'email', 'phone', 'referral_code', 'booking', 'activity', 'fulfilment', 'benefit_use')) NOT VALID;"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE IF EXISTS "benefit_use";
        ALTER TABLE "lookup" DROP CONSTRAINT lookup_scope;
        ALTER TABLE "lookup"
            ADD CONSTRAINT lookup_scope CHECK (scope IN ('reference', 'email', 'phone', 'referral_code', 'booking', 'activity', 'fulfilment')) NOT VALID;"""


MODELS_STATE = (
    "eJztfX2T2zhy91dBzT/eq9K51jNr78aTStXMnnPrxGtf7NncXR4/RUEiNEKGIrQEKFnJc9"
    "/9QQMkxXeJlDQDcboquR2TaJDqJoB++XX3/14shM8C+fJmOhVxqC7ekv+9COmC6T/Kt0bk"
    "gi6X2xtwQdFJYMbS3KCJVBGdwlwzGkimL/lMTiO+VFyEMPhTyEgk1mTJIrJgiwmL3hI1Zy"
    "QQ0wciZoStWLQh64grTUxDn6znVBFKIkZ9EjLmS32FB4yEQs15eE+4JH7MXsLTfTHVj9cX"
    "T/mgr+HX8C+Ch0oSGjE9RsCYGB4gR+R/WCSI0E8UEXtJxiH7pjxN5VE1hgngBRiNAs6kIj"
    "yUiob6mQqeNJ1/DRVfMEIDoV99OqfhPTMUi2syDqhU3pzK+djMMYeX1D8C/rY/7oUEEh6a"
    "nxZqLjBpXnWsOIuyZ8/5/VzzQ48xv3ZLDm8VMn9EZvrlKTCNC59oqfKAmCk88/fYcEqTfQ"
    "3vtZz1y86UJubKsjCdV/+u2YxQKfm9nvQ6mSFiK87WZXYAi5KfwvVrhL40soxD/rseqMQ9"
    "03ciLdH/83/1ZR767BuT6T+XD96Ms8AvfrvmF3nch3nMbU9tlubWb7+9/9O/GgL4XCbeVA"
    "TxIqwQLTdqLsKMKo65/xJI4d49C1lEFfNz33gYB0GyGtJL9v31BRXFLHtxf3vBZzMaB7BS"
    "Lv55FodTWCDEPAn+54d/Sd4wN8zzPn668768u/O8i8rCglcoLYHk0lSEsCjhiwU2/cPOu+"
    "WLuXoBD/j5l5vP3129+YNhgZDqPjI3Ddcu/mEIqaKW1Ihgy/NlJPQHsViwjmwv0x2T8+mF"
    "Leu3e1LK1JRtjjE6x1i9IuApFZ7e8vv3oWrg6paoxFBu9+kzY6V+X/2fP/7T5eXV1Y+X31"
    "+9+en1Dz/++Pqn73/SY80bV2/92ML/2/d/fv/xDl5I6F3MnmJwoch6uqLccqQT8wtkyP7e"
    "7J8nzN2f8ykFMr0308WadWR6SoFM7810yfSPD6cd95k8FTK/N/MzzbqO+yGNNvXcL5CV2D"
    "/ZKCbPUABtvPzw6RZmXkj5ewAX/vPm8+37jzef//7drzd/M4rMYpPc+vDp45/T8Xnt5vbv"
    "d+9u6rgfsamIfOZrs6AqhD9p/oFd1CKGEn1JGn4ywcv0jz0kk+joZyCYu/e/vvtyd/PrXw"
    "rS+dPN3Tu4c1kQTHr1O6t5bldFNgn56/u7Xwj8k/zXp4/vyhLMxt391wW8E42V8EKx9qif"
    "50l6Ob1UlTibzZi2eFasr8jLE6DMXZZ5zg3SVdolUpSzy3IGN09VwD/PaVQv3HR8SaqaPW"
    "d4el4s6DcvYOG9mut/vvmhRbD68DQugDc/lIT1MblzaW79o8JcT/JaPbF9DRUpj7CEXGP9"
    "0NaQdbb2EnNGiTul81K2PveuG2aODPfNffdNE604YFmV6HFxOb+40uhT5+WVJ+y1wByT7K"
    "Osr5RpByyx6hS4ypxfZYWYbi+xV2ZAqZ+B1Hs77OroUeKuSRywFbOHXKQfLkzo9GFNI9+r"
    "3BGXomls9dbiclG+QkN6b4QE3IT3zOBHiq+42lzUQpOSe6N2bFJu1E5w0njNAevjBXzBLU"
    "LFDDSgGADlKAC3rKkkUokI0DJWFc8gQoCBkXQDyKFNFZF09NkPwMh0Q2kgKqYfKsYtJJK7"
    "e2IXPAwCjU7DWMOJCkNbbKVkPPog9rCRIjZjUX2Iv5nDBaIBsvnV5U978FmPamS0uVfm9F"
    "JEqlsYIk8zQD5ffv/9HnzWoxr5bO6VgELTaRxFvUyAEinGI5xT/4sLqretd3wzDwV9OkFT"
    "pX/rJE6gS0U5/9uXTx8b0K4FqrKI+VSR/0cCLs8Rj9YiXOBHQa7pXpmhoXLb6M81WCiY4L"
    "a0pebNw6oIboUIGA3rpVAmLQPSNO2wBHD76dOHggBu35eQfh9/+/X2nVYfjDT0IK7M5SoA"
    "cGmSeWoY3gawz2gQedkbebkUAZ9uvBWLpH7frvZcHTEadSUWs2/LgIbUPLzDpl4iw139gF"
    "1dP16xsA/EuEyJKOO8zrQLZeyYC/tGKbZYJtttgys7GzPax6Wtterc8J2+7V/EmoiZ/qAI"
    "1f+XzGHczYn56xMRmoxMn26MT9okpRJu0jlDX9rU0CAgQm+6SbqmUTiqnu4TPgtyWt8rSc"
    "bcz1JI0ye8kC/J3ZxFDG5Qk/07i8TCjJHaFoHUVciwFSG6z905rdB9/ogKQX7P6JDSmKNC"
    "hfewVKOeCQ/oQnHUheKKnhEEYkoT5lc1jO3ddt2iOG6vah5KxProFjN94gZCkckGDn0oQb"
    "F5qw90SaYR802BCOKziT7hvwvZPYXUnT+MiCk2oQWgtLxgzvoyHkd/Ap78ThxLePI/4slv"
    "1ktHjuZpkKHl01yojuzcUiAz0Qn7dDqpKyrLgoW+/v/6ymPZzXaFpTBsp75yN2dkIsSDls"
    "MLqfUKpYeValiBs8B+WRaQp/WJe7pi9p4mraoox5jUlOpKnNljYuqpWd/GduLsp0rr1Xj1"
    "kowpSIFZT4ipvMWo1pSiOGDkPqJ66NfQOEiAlPnpZISH4Fy51vRa31vTcMrkdgrjZ9GDYR"
    "ZJ5tQnAZsp45Hh6iVJap+t50IyW7HsjyJWZCFWmgbiUOa1tRxWLCBgl+ix4JJR9MH4g3xy"
    "rzUz/de9/vLfkrFlixcxLmWsfwoqaO7sz6igPeIRmCzOjjwtUiFTS0xNttQqRxu1ihzFkN"
    "SKy1c//PjDT1dvfsi0iexKmxJRdWIhlBGhjMOCMibaUQ/PbJESnbPOOWcRyPgMBW0sMG/B"
    "Q1GzdbY5FEqEQzr+HznSNaVy3kcCRToUwGECsDXEe8uhTI7iOADqiO7NJ2S8l/jJ+gggT4"
    "uCOFQQqZuvlyTyxCiKQ0UxDehaq7Tgy+8ljRI9CuRQgXSvvV0iRBEcKoKZiEx0opcY8sQo"
    "ikNFwb4tedRzQeRoURBHOLKhUZHqf2jnyFEcvcXRqMO2JGc2qq6Yw/O2Qw7PNkzeifsFKh"
    "TAAQLAPLYnFwHmsT3vPLYUffSBh+yiDbBlBoz2Am15QTp2L6Q5jCZUAnqKS2IKmpsEs3S6"
    "6xyaSMVQO21MpvouARZkzQmXlPspmumiJOkTPgYhTY+x8hDS9PQsLkXWzULvxtUyHTIWsW"
    "KIFTs/rBicpJ7tjdyBqyUq5GydbyYSfjytAbI0Q8NyJANEhh2/ZiNdAAq/T/S8TDmkLxiB"
    "JM9LADaRw4OMk6oEADXXAKUqkrUh5vYQxflUdwcAXD0HlejBP0v0nLmHVQmf2O+H0KWnDr"
    "9ZH1PP4NuWGEVxlkmyMMVFnb/V3Bi1+lmzITvdq0lWJ40YZHYG7JqMc2Was0pbMz3JCzki"
    "Utg8VmqzRdOE1cmm1ql6zMkhUfaGRGwWQ+osfWBSj099r5DXasp+iZkpDCLW4YhMWKCv/A"
    "+LxHXBjUuo70uoD2Jm0ROPJ7F/z5S3ZBEX/pgAw+2bmTcwhcj0a+VyeXOJraDpmGojNrvV"
    "vI4S6Pl1x9GDnt+TsziXbBMH3RIEk/HomdjDM4Eq2ROpZNj04JmkkD1xfOV8LPYuwcC0bm"
    "3HWGCRDLlaScfXmnBHnhaIkKPOBa0HydeCddVFN6wQDq8r86t9yhq8aq5q8MoUNXDEZXGr"
    "BTHj6jfJLmr8Frm7ozbnxcSO82K5J0LsfeYpMA2kE/hW6gEbgXPAmO7mM0qqibIVC15I8n"
    "ssFAXjPQVvmeJcda6MUzzE1P6y8e6s9Jet8EXoQoT3ekYhWerTsNMYT4SplW4LjOmXCBnU"
    "SqcToWcdm1HjazIRav41BM8LCEk/FzwWyTsRyfR8oUgqq5Nx7qit1Fa3TzSvDJet9av/5P"
    "JrGIM44C3MM9J2pvp9YWT688Uaa686tC+jN+QRjz5sWnoqncIeEp20iS0JOpuwdWlPfQ3r"
    "fT0Kn09S70urK308eDky9N457b3DSl/PRNCKd9st0/ED3ClPEWXC9ownVl+tm6AFXNm8UZ"
    "VIj7BROeYgG9I+lQjLuIx6CjqjRUm7LGnjd6uKuDEsn43vFZV3TJDHTnLpnDl0YNLQwNmJ"
    "AdhTnOFYF+Fp6iIUDT4bf+ll8BVI8XR1+XTNhDXZdHOSFciGFz4+mpvMlQiyBVJd1IWPk1"
    "uj1thxbtDOuPHNwoZcIUhqMgaJFjKAx2dkbDB74XQzvtZ/ZymFWXB0SSNFQpEU++Bhgguv"
    "ho1P9AyMpTqhDGAs9RH1LYylng5JiIE+DPSduQZTRnH3MgoKhBgDctwmwGDfsxB0qid32T"
    "XzNAPcNa/22DOvGnfMq0rEj24Mfn2hrYluEO0q5fCM7ONHWLFR1ZNn9GF9ISeqXHRjPuay"
    "HoXxCO/oozd1sKhlSJdyLmr00ubKRXkarFuEJePPWQQYGnUhNOqzhXnRzjnCJUIM/Bc5C9"
    "Cdrk7oPA3y07V4Y1Nrg/zt0R5xxw5tDW6ybgMzHklFEjevf21TRLOcckkW1E9yQG3ep0xy"
    "TTVZTbzxaNNiiNGBZTLCEOOjZhVidf3jM/WxwZyucRErwJ+dfxYrwDvgp0IPLVaAPyeLBy"
    "vAYwX4J2MfVoAf0s6LlegG52n6mWp91afRrzR6uKhxNRXuj9p8TdNkpLdIh+50Nt1BOS4q"
    "FQmEpiY+3ZhiXes5n84JDYKkqpe0dcsywKwtcx4YTBxR80jE9/Oqy+nYkx/geHIRIvw8nF"
    "FTsWJQ5DgRZBd9p4b0QK3HtUNkt9rjyial//OZrRgNareo7d32DUpf8qLtwJ3b01/ngqyp"
    "JHIu1mHSd0EPsRvGNhxlSw2u5yy0NQnXqZe7uicdZUb0gDu+6aAH/AS5IA5EjYfJWr0F1r"
    "mymr22GcEAfbYnSfuwZ07PjIACKWYEOJcR4IyKtFgGLGF+jYqU3d2hIhXG7YsW2Copgelw"
    "JRXdMMgNHhEoUvjWVo9WoM/ocx3yjJN+VVMakgkjcsnCGm3p6LOj5uTE2YOa0yMe74gdOA"
    "FTsY/8qVAEyQnUS1kq06K25Jy2hImyz1LQWF5g4AWSfhbxUoTgib2oNT+yuzvMDxjnTdOB"
    "e9gfluSFNI7UEeELiyuGtjYGSQwhH66sQxX8rVt/kLUruDUtbJPcpD9uyQg59iNMex3jjH"
    "5gG1NWaZ0M4/CMxZLqGchk85asuf7wY6UNGcnM9JOAhg9yBDjqJRP6sCPw4diePeNMDx6b"
    "seOC62tsux0nE+pXZvw+JPoF5FtC9QMUDcR9zEyzYtO456teJtpwgo7E0MTYTv4CMdgO6a"
    "PNdpSLAUd3D9ROfmizV3b1QeeIkKUVjd/vVOEpHT9AreAkxZ3Sk6Yrj1Oa4RXOOAmbpaIq"
    "rgGlNTN5SzHET/nNPiwuWyU5Dr8pM/hJfYOOfc8DCqoOkrOpjdDDtVEiRdeG066NFQ14zz"
    "4aJVIs9O2ynLmUcb/lnCdEGbssYyfa8KF8TyvfboX6cyTDM4NOgnVaCd4vpFMgxIXk2kJy"
    "JM7w7tuSR5vPbAFijC5qYg2lEaO2eAMzY70oP3hnzOFTCC5+SzEiY59u5JhMGLjUjfvfTk"
    "q+Y9+mQSz5iv3BwLuDIIUlmaCAGaUJEhd6Ne5wuseg994JaxFRUCdncaH4nl4Hsse5VKRE"
    "c9y5kykvZtglqwJuBGSlwxGJhYVw3cmyRlzUgHcrR/To9+DAFwpaEfw729Tp0aURrXo034"
    "5No4Y79ehmiR+gn3YMcx4S4eyhm55jgBMxJo8PiNBGXDew5JZigJHkk7ipxBIYUluKu5nN"
    "BaIBcvr4Bet4uIyVJ+f08vWbOk2yueB2mRILbufVl24FtyX8hAr3m0tVbSkOKlN1Ph7Y0x"
    "SbjxjtmcdSoEQlHpX4eiX+A/PvWfQuVFGtBp+/3aq+B2agx7KRe+DuNRu54itGbD4b+J4T"
    "v/NCrJhvc3JFyMgknj4wRZQgNBSgz19bfDmZzmmofxahM8UiYEZt2fCTPMcg8OdC89jiL7"
    "LexpkznfAQqo8rAqnHtmIU+eXThz8RnzP5kkBtqZmIIzL+Gl9+f/nGM5OPiV3D8mtIEy99"
    "CpsnExrQcMqkfQ19Tz/RMPyajKGphHmFL7/c/FGfdwQqDxXJlxFbcRHrmWFwkmqQTmFg/S"
    "bxWeuBYmpUFGnGBELJUVJAHUD/C/1zoMUzTJI2yxljUMAdKwCDAo9oaEmmf0xtf+E2H2ee"
    "Cr2cvb2cD/rXdvLVJOMHaHcdHysNp6JnT8QuPC6RIav3YLVWDbszukCEbN6DzRiNeqJ9ms"
    "1mbAoaeJ/YeYkWTVnnTFkMPD5DQUNeN1T3MbZoxz21TIpba++tla4oNxzpI4gaYhRFb1HM"
    "gbCHFIp0KIDeAhBr1ksARToUQG8BPHGduPMJFnUrrctXXG26tssokiFXMW35sTg7i8Pu1U"
    "1yRMhR7JjzGHzVE4Zy1jkeUiJDrpa04G1ItKsDoESKCXwu2/9Y8v/0Jf+prAMX3rFvDYbM"
    "lmIImcZtq+Xd3+4KC6UCtirA3NLhZQRWaefKARqqXP+yoEHQbMOXaJ/WiHx1wHdtDceryx"
    "/fZKYi/KPNOPzy682HDzX+EM2TOkO8GbCZUiBQs/wFtwE1XUGSaTM+Xl7UgcjsnVErfmw7"
    "Zo+eWlQReIY0qC0oNypm5k+LVQGwUq4b31vTF0trbIC4gBKrRB9zmodQA9XUY63rsXXkJw"
    "Ba7IYkno6kpCvMHWzIQwh9vCYbO4c2g6Ao7LaJhh081e9i23cRvUhIKNIX2TD1ktx8DfWn"
    "pzTT9Bgotwo4rmSAecZ6Dg0JbXVY/dYr5h8K2FrRIO5UcjEjGFymzJu9Dv83LYf/m/Twx0"
    "yZxwdwTcWy04ecEQxQj8WKi+5/sPow6updyyiQlyVEkDkLe2AVCoToqHDZUZGIqlvRrgLR"
    "EIzpYbeO+CDURa3hoXZZHWo/kwMqKU0j5msV2rbVtQp8wGYmGYLXdJ7bTWJSSHIYDGUSOO"
    "CnQb5IYLM/kkwVSAZJcDPXZLwtKGNItikn8CSY4GsIHSXyVZxsIoslfAmNHRb629CzZXkr"
    "Ml7Ae8Gfmi0vCokgL8lf7LO/hmnmDFWxfiVttmiChWTBCvJSFBnbG+bVRoTPEqNDMjWy7f"
    "VMnkkyyvdyPwRTSNw5ITGF5DGVEIQlP1WRnGQP7Mb7Ahmyvz8qnEZhL+W7QIgwYae177x6"
    "01XOZVq0s1yWtEPlEVHKp7OmRcCnmzTU2dUZXUeM+mA58TJOCwnvnXOZUQzQJ338ikIIUz"
    "7+R/t03awdY+exS6hu/Sldj9UiJR6rLh+rVX9YP2mXZ0Cpn4XUoQJPV59aDS0eSs5EJH41"
    "Ls+LmqBEcmfUFpdYbMfsgYYSuTpPhMu3BFz9+lMAqNFS69oipAGBUlS+JAYIBFECHpKxBV"
    "2NR0R/oOaGfo9aNNQJnnCAp98tH/Tz8Psj/uh0+VIWN9jF4CsQDdDmO0l3XfPfDkxOx2P4"
    "f690BYiK1KT8NPM3Ixggg1/v47TQo5oZ/LritlhqJnX6gDOC4TH46nIP/l5dNrIXbpWcQj"
    "xSc5/WoITA7mpwCeVo2iyt8+N2C3fBcmrgnZfUSfV4TQJNoxOogRqdQVVnEABygk57wJZi"
    "iGrC8UvERWLG6zjcXOk8R3JQqXPXWN3C2pPUOtfmo4prYDAtSPyMAr/tPb7t/xa8H96iQI"
    "h4C6ddisYyjGjgQdpZZ5MyT4hrao81ZbnWAC9vrXeSJ0O/rTN+20+xmohv71YsrEWU52+P"
    "2jy4wgz0WDZypx93nKt/aUDZNMw6CCS47MyZ9kKSqdbsHgBTLSRL70csoBsDFY8YDSBfta"
    "YfwomeY8Ds5kbSyGCUdBhgJLmsv3gRjZPkV0XWFLJUZyIamZkk048Pp8nk4FiGRNcZ1arV"
    "wcmqCA1HaPjZbIQlcwS97iep/SSWfNpFPcoIBqgWHR9htaSbQNCaT7bFjN6SoBl9gBmNBb"
    "ifjaWn9aSecs5TIkTIeSl7oAYDlq+DV71KOKRUpaN51HMWS69l1Fg3GteRg+vImKDdvGIF"
    "suEFUodWCeDTikV+zD7wkF3U+W9yt0et/hs70AvSkXv0s4Sx1r2xppIkM5ik+HQ28LiYBP"
    "gkix58IODqgGR98IZsy37V9bE8+vzoUnHCLEWXyslZjC6VkzP2ibOqhsnUp0urco2fx1b8"
    "t0dmV72/SIleErf1fsplPydJnhCF7JyQHbE3/kKjB+b/q7UMKuZG7m6rtbE047xZOnAPY2"
    "NHreAJ0zo/M0p/csSOiH5+wBmUImPpULGoCxEfffYDDA1X8iMcKjh8xOwITPh5Mj2514dd"
    "SzzAkORJEoCwXfwJkXAyATrtG+9Nx2Ow96Bg71JEtaGLtrNxSzPAL/tErXimjPerFF0iRU"
    "sCLYlGS0KF9SUD0lu7bIhs0C77oVm2GBJwQl1EvfzR9fKuCRMDzpM4PiDwUXPv3WbuSRSU"
    "acSAHz30kyIlqieonrSqJ//ONi0aCtzdR0nxHpKBezg6oYeCthU5Dd5C/gklkulLiugpbH"
    "OzL7/c/PHy9RtIZXlgS3UNndniScCnZkjSLs0S1bk6jzq/yYIxHaLkOElr0T8ZFgu0SpBL"
    "OmWyfoKEMy/JeyXTfByZpdD4VL/M7GsIHteASkViych3v939/IdiGs7I9JkwrR5qE3mIpJ"
    "uDXbJ1ikfzVl6rbpy/E/ZYFShQ03t8CEiyCXVka4EKUzZL1X/CFY9EuKj1ArbUACqSDVDd"
    "O4WnFY4aT86pPpWqzG5rsFsh7dlp93w+4WM22q20jexWrSKjGOBXjkaNM1/8WRg1Ref6Sj"
    "z09K3nKTEBw2UpaxazTuUBMwJMutiv/iL2X3kWy0gqLwZkoqipsddcqrBM95zLFUZsGdBp"
    "556wJbLhbUvHcWm44q80vYY+A4r3os5hmbs9avVY2p5FUTZyp8vyF7HWt6KkUs6Ks7Xx8Q"
    "Ea0uIizVySKM4i/b/CtoalJGmLRKh8MHVxqs7Ko81s3JR6a+LwzlkHWONYTIq8Z2lm9jnM"
    "H0E9dxgFJQKipBIQjwj3D/Ynut1TCsPK6Gw8xNmYrLJu3/SWBh2Npe5oPORy3stcLJGiou"
    "uaouuU6vCf9kRpVh7SAfuoD6vc2N2VANlsxvR5smLeLBKLbVd4SOPenubmiJ4L/YsIDDOH"
    "84Td8xB6E5sDGr7mihJx9NkRMubEFoln+6OfRblVXeRpY2ZujgKzcut6ghf2ps6OrAo1nv"
    "GunfF5aetfG9dHjJvzRvI0mDtyQO5IKFQNJPOOfWvYutLxg4hetq2id3+7a2d2IWCcDi9L"
    "oGQFAt7L2B7dfI5lukEw/xGCIVu+dTcTy7QYPnbuEHHGUBTBFyWmDxe1RmJ6c9RuIIrAk9"
    "m4vbzL+oU2hC9MHp9PIBFBWugqTGYAoQGbKWvCsdA3JcJWNOC+F4eKB+MRJPaHgBKt9zEf"
    "cX7wNN9YOihMJmLwR0f6GaYbqMW+Km1YslA/R1Pr520SnC7alU6YO812ZcTMEurG7AIRWp"
    "Rli3K7iroeWyVStHxcO7SKIeiF/l3waytSvuX3LUV9c2RDciD80+Xl1dWPl99fvfnp9Q8/"
    "/vj6p+8zT0L1VptL4fb9n8GrUBCsdTO4ojOkTrVanSG72a4zFIZhsu9gT9inzUl1KNvm+B"
    "mpJh3KE7OZBEA800/3a+DcbZtx0wy4L3falxHx/Sy0H0eO3/+IwY1Zc/TaG63H7u/ZkJ1W"
    "+t2cEaY18pgqC7yyHc8kMXP4tjfaOuuEJrXJ7UN7tao93nsmsLzf0ekcLPcxBc5J2+6NRH"
    "GgXxlSSW2Z8G2ntiWLuPDTNm+T2NeKgTXz9b/Tjm+SRSvmf9VqqLXzNYNfkrEM6VLOhcrQ"
    "ZEmpshcGiDZh12QMZWn1O8zpihG6AGsfMl3Jgod6mhhyW9HuPwetBKuSY1Xyc2EsdpU+dc"
    "d0c4R005y3NKgr99aV4XztpSoXCFFTdk5TLjVSBLCDt9CqkOhUdqNKObyElRM0rnQ6FcHd"
    "hdWxpUXNedGM+MkIEO5zANzHWoBd+L6lQMYfwPjUMO7C+jwNMv8A5rNvy4CGtD4Bp5n/JT"
    "IUwSEbz1R167mYEQzQ/sI6Kc587GdnCzhU4AHFfNJOtYz27FlVJEUIkGtydiQI9pn5bJEy"
    "vxIJy90dtYXDouK43WmN1u1nAkTrtLyAog8shCgQDYJrMl6LSM09ExEaZ1GtSbyRo7pIUT"
    "Gv8ajT2woJSclHOjXYVDP1Ulv3IoRiseu5kIwk94iNkaVlXMk9U5JkE5g5x8l76LnHWf+e"
    "7evmqfVryNj004rIVJNIE63TEuArFm0wSuaOXwOjZCdnMUbJTs7YJ0Vyn4+OgXFHjDu6xO"
    "IniTv+HtNQcVWTxtjI9zzJkDh/tLT3nF7a7YsuEfZirmP77xMhT+MI9PFOybl5mgHu2Vd7"
    "bNlXzcUAK15KSCPs4oTPCND9ju53h93viBk4fW82jHAM1SWaFzOUG/P6hzlqyNEF7rK8Md"
    "TxPORc8qN30UZqSBHHuAeOMR946GCpV+gGZFEezVqHONdDbe5+83ecpxneB3yiputJjKwL"
    "nwtEw2P0q8uf9nGkXv7U7EmFe6WSynEw40HQr6ZyiRYPYpcP4inVK6OnpMu0KOnzkHS3go"
    "NluuFtoaeBYBq2eZG2SeqQxs1VNSuEQ2B420I6VnVNZ6BUszgswmuKd0btEKpszE741F9T"
    "TBMUzGM0CplP6EyxCDBF0PcZCurxPOwJiiDn6gNM9fsR+NVV7NQR505ay8Cn4E0DuoadRF"
    "8H8NM0iKGSoCGYMEMi9P1rYn02vpluJqJ7vtJPsHOQBF0liS9CrDfvkHcWkU8nZ3Ex2Vc/"
    "pSNPi1TIVDcMTNeY+QgWZsRMLdlOccg8zQD5fCqXidYnejrUC6QYKXPavIvYFPrw9RN0gR"
    "QF7bSg0zQALzPMq/K+FSJgNGyAldZOUJK6VhSCYQn69tOnDwUZ374vG5K//Xr7Tp9kRrh6"
    "EFc2NFJx91eNmRoR7ESdlumHhIN8ZKxewlCwHXtJIiVEERwqgtRY7yWGPDGK4lBRJD6UXp"
    "LI0aIgDhVExHgIuRw9ZVEkR3H0R3RT2QtSX6RDAfQXgAgVVCCba4bWiSCk0aYJ+V2kLGur"
    "G2WB4WcmhjaOJmjuTF3VVv7t+483n/9eHxe5rUF/3/797t1NRQamp44n4ho7sdVuKFH2Mx"
    "geJy518de5iQRAhEIJ8ZAvP0yg45CYJVEKW3NYCYj7EKWtInltnpf0vrU+ENvvdsL0NWaL"
    "H0PY44EtFURC+HROfO5XYiiPbaE4Ff/6wEN20RgDM3dHu+NgXpAO3BkM+xQyAqNfSJMz/5"
    "bcR0JKCBOlfqwRSF1/EDwksKPnalzbuJLaERI7yRMwdOVECABDVydncdkn3Tm3PEeELMVo"
    "4OPUJfXCGJZylauN1kKJakjmwtHw0ubk7GOKlQiHxFw0hp+XALBcxfNr9ffZFMi5qLWLzJ"
    "1Ru02UjdldWg3ml2NjgYxz9+CSNmInGxKIKQ1YuQQaNw14jM2SlkjS9k5a16CmxtppnmMw"
    "g4FYe2v9NUdZByF7rIKVBf2Ds07EpvcwWOXGFpeKzmbm6aFQXEvGvzaWvDHxoeUwoblKbt"
    "w3syeV1PSU+pWNnZZVXguDzUsCxp9teGwvv5DpjBCxkLkJk8puScek7XCxDlNvAbwbFHHT"
    "TxvDcC9hYsYtNA3d0QebTUMsPnaq5P4nbXL51IfiiRNBtcXXqW1IOn6AzD1+DTKzkVe521"
    "zSJiPAkjYHlLTJKx5duF+mQyEcIARgk9fHqikRomnT26YUSxZ60Bq05vhsje0VCRELuD8W"
    "EAv1PfVHzxfa2PbiKKjyvznLskCEGZb7ZVjmua43C+57EBivsr0dbl6kxKRxl8HmVlZxqH"
    "jN6tpHzBkpytllOetjiC/ihQcImC7GYZluCDvpySsxschLAAIBX/AaGFaz/7+GdECKw9Hi"
    "i9Y77DUUmG3VhMukqAvvrwtnDvsOn3SBBr/lmm85C1R08jEXqLAXAxbDe7QPdhvR6uKKK1"
    "Id5IhzjL+P7YejU8VXXR1AWyI88PY/8LAKdR8BnIV15BRi5IsS04eLRtiIvT3ajR3xZDZy"
    "v+pSPAFXGOhDAnhIUOwhieIQkimuiQiZAVZAZoUeJtbElIfSY0KhGmpLHWvmA1AST9rj6p"
    "liJiK20E+oLZXb5iwvkGGA6Cyxb3HAbmNfL9PajWx7t30f0+O8yXbgzm3sxuZ4scg09LRR"
    "xrfb/powH7mPKGS2wYDxkkVc+OMRCZnKlbP7PRaKAeZLsmjFqnvaaR5jYHBKKBpkELiFXm"
    "92o6ThhthmISRpFgK1+aCUAeQgSaE5Eh28Rer37uIPTMcfByyye0s8Ozcgoske39g3S63L"
    "V7ylGCLoaZ8qY6+ai4y9qtQYMxtUt/M8I8GzvHfcO5ZdC0qkFMj0c1Sg7jiL9J4Vmt9dUa"
    "Byd1sVKGUqf20H7qFA+WzKrXoxsXaYDUG9kCZh/m3WNh2S4mGsrzUQEVqtZq5NNqO2GBLA"
    "5oe+BKA7rzEMT/coUKRysxv96YGxpdWpYO4RJHKDJRpqA09/bnMKLdbh4higCibCmaQ5KG"
    "H/hSh9d457TOB+RI0qWxBdlKoC0QD1quMDBZJ9pguTcyTI4j1YzGYzZiIfPVz4ZVp04jvn"
    "xMcCuc9S0PUtV9oKix/Ua8U1YZ560+ThMq6DTTQH97cUmGFzQGQf+0oPvZDO+UBXOvD0vy"
    "Fc0+fcLRDiqev0qWt7RHU2WEpkeP7ucf72SsfARIyzWEZUSn7fZyFVCDEVY/dKypjWa0lV"
    "qXFtOb22pqouSbdlTaUEw1tLJ2k2FQpVgxZpTsJNxw+BvY+Rf+tSIDJiPq9FcuXujnYHIr"
    "cD9wOkAiB0pofVVe4ekQRtBQNsxS1iWieETSDUQ2bDwJ8TZiYG/k7OYvSOnJKnJvOGq01H"
    "ppbIkKulSjhTU0uyj9epRIp+J6eVegzrPRNByyUL/T6FlkqECH7sjThNDvIuGdN5kiFx/m"
    "jZ0iG/n3fKQd8SID+xrLo7m8NULJYBg5zmHttEPfGQpHHQB+6Q4+fOZG40+H3u0rSOHW6f"
    "LP1jt9fnbs6IjBdZx7YcJBwcM9K6bgqem6RFGyQKpype2rxtrOaRiO/n46pD6JQPOsBX5J"
    "YX43l4jhLZdbUncmRoS6AtcS6Cdc2WaOP/ULWDR2Z+k9HRxvph2h3Y9Ol5MH4f66S17dng"
    "DZRnlEgb0VDOjBpetWLSe+1GTH7U7l5cPo+YUYlNFY9Pv92Z7tIQW4bmUZHJKn3/MbuoBz"
    "O4XtNt65CZMGDtuNnhlqnnrrnRpfYHFlU5DWOzjajK1WY8XYFogFDvqz0gdVeNgLqrMpwu"
    "qSgFRWc7fr5VSvyAURN3QxNHkOjjNWnB+rS9RHEO7kxHbKkbFvHp/KLGkkrujNrsKLods8"
    "uKahbske2axt2/9iCt2fmTPecwe8bxgOSoxYxJMoy7KIY5kgGqhZevX++Ta/H6dXOuBdwr"
    "wUb1ourA4WT4ALn7aq9MllctmSyvqpks+omKhTWnZnONgxwJFjnoWOTgSQ+zf/x//BOqGw"
    "=="
)
