from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "rule_budget" (
            "programme_id" UUID NOT NULL,
            "rule" VARCHAR(64) NOT NULL,
            "period" VARCHAR(10) NOT NULL,
            "total" BIGINT NOT NULL,
            "used" BIGINT NOT NULL,
            PRIMARY KEY ("programme_id", "rule", "period")
        );
        COMMENT ON TABLE "rule_budget" IS 'A counter, in points: what the rule granted in `period`, net, and what quotes reserve.';
        CREATE TABLE "quote" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "programme_id" UUID NOT NULL,
            "status" VARCHAR(16) NOT NULL,
            "points" BIGINT NOT NULL,
            "booked_at" TIMESTAMPTZ NOT NULL,
            "payment_method" VARCHAR(64),
            "policy_version_id" UUID NOT NULL,
            "lines" JSONB NOT NULL,
            "awards" JSONB NOT NULL,
            "snapshot" JSONB NOT NULL,
            "explanation" JSONB NOT NULL,
            "actor" VARCHAR(200) NOT NULL,
            "created_at" TIMESTAMPTZ NOT NULL,
            "expires_at" TIMESTAMPTZ NOT NULL,
            "released_at" TIMESTAMPTZ,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "quote" IS 'The evaluation as it was quoted, and what it was made of.';
        ALTER TABLE "rule_budget"
            ADD CONSTRAINT rule_budget_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT rule_budget_never_exceeded CHECK (used >= 0 AND used <= total);
        ALTER TABLE "award"
            ADD COLUMN "budget_period" VARCHAR(10);
        ALTER TABLE "quote"
            ADD CONSTRAINT quote_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT quote_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT quote_policy FOREIGN KEY (policy_version_id) REFERENCES policy_version (id) ON DELETE RESTRICT,
            ADD CONSTRAINT quote_status CHECK (status IN ('OPEN', 'USED', 'EXPIRED')),
            ADD CONSTRAINT quote_points CHECK (points >= 0),
            ADD CONSTRAINT quote_expires CHECK (expires_at > created_at),
            ADD CONSTRAINT quote_released CHECK ((status = 'EXPIRED') = (released_at IS NOT NULL));
        CREATE INDEX quote_by_time ON quote (member_id, created_at);
        CREATE INDEX quote_open ON quote (member_id) WHERE status = 'OPEN';
        CREATE INDEX quote_dead ON quote (programme_id, expires_at) WHERE status = 'OPEN';
        ALTER TABLE "booking"
            ADD COLUMN "quote_id" UUID,
            ADD CONSTRAINT booking_quote FOREIGN KEY (member_id, quote_id) REFERENCES quote (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT booking_quote_once UNIQUE (member_id, quote_id);"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "booking" DROP COLUMN "quote_id";
        DROP TABLE "quote";
        ALTER TABLE "award" DROP COLUMN "budget_period";
        DROP TABLE "rule_budget";"""


MODELS_STATE = (
    "eJztXeuT2zaS/1dQ+uJsldYVz9hOznN1VTOJ9+Jbx5NLJvs6X1EQCY1wQwEKAWqs28v/fm"
    "jwIb4lUo+hOP1hN2MCDVLdJNCPX3f/c7SQHvPVy2vXlaHQo3fknyNBF8z8URwakxFdLjcD"
    "cEHTqW/n0sykqdIBdWGtGfUVM5c8ptyALzWXAibfCkYC+UiWLCALtpiy4B3Rc0Z86T4QOS"
    "NsxYI1eQy4NsRUeORxTjWhJGDUI4IxT5kr3GdESD3n4p5wRbyQvYS7e9I1tzcXj3mjz+Kz"
    "+ElyoRWhATNzJMwJ4QZqTP6XBZJIc0cZsJdkItgX7Rgqh+oJLAAPwGjgc6Y04UJpKsw9Nd"
    "zJnX8Wmi8Yob40j+7OqbhnlmJxRSY+VdqZUzWf2DXm8JDmR8Df0Y97oYCEC/vThOECU5Yn"
    "oeC/mftrec/M5MBw5r/+21zmwmNfmEr+uXxwZpz5Xv4dsAs73IN17LCj10s79OuvH77/ky"
    "UAtk8dV/rhQpSIlms9lyKlCkPuvQRSGLtnggVUMy/zrojQ9+O3KrkUPb+5oIOQpQ/ubS54"
    "bEZDH9640b/OQuHCi0bsneD/Xv9b/ISZaY7z6fbO+eX9neOMSi8oPELhVYovuVLAyw2SBz"
    "b9Hq274Yu9OoIbfPfD9c9fXb79g2WBVPo+sIOWa6PfLSHVNCK1ItjwfBnI+4AuFqwl24t0"
    "h+R8cmHD+s23nTA1YVvPGJ1hLBMe3KXE0xt+/0HoGq5uiAoM5dF+d2asNM9r/vPHf7m4uL"
    "z85uLry7ffvnn9zTdvvv36WzPXPnF56JsG/t98+PcPn+7ggaTZ9aPTAC7kWU9XlEccacX8"
    "HBmyvzP75zFzd+d8QoFM78x0+chaMj2hQKZ3Zrpi5scLt+U+k6VC5ndmfqqhVnFf0GBdzf"
    "0cWYH907Vm6gwF0MTLj7c3sPJCqd98uPCX659vPny6/vnvX/14/TeryCzW8dDH20//nszP"
    "ajc3f797f13F/YC5MvCYZ6yNshC+N/wD+6JBDAX6gjS8eIGXyR87SCbW0c9AMHcffnz/y9"
    "31jz/lpPP99d17GLnICSa5+lWkeW6+inQR8tcPdz8Q+Cf5x+2n90UJpvPu/jGCZ6Khlo6Q"
    "jw71sjxJLieXyhJnsxkzFs+KdRV5cQGUeZ9lnnEntJV2gRTl3Gc5a86CsoC/m9OgWrjJ/I"
    "JUDXvO8PQcLegXx2fiXs/NP9++bhCsOTytC+Dt64KwPsUjF3bo9xJzHcUr9cTmbyhPeYBP"
    "qG+sH9o35IRCc7+TmFNK3Cn7JmVwWM8eMu5TuDCl7sMjDTynNCIvZN3c8tDiYlG8QgW9t0"
    "ICbsJzprERozdxvR5Vxk3isXFz4CQza2vkZPLIIRDh+HzBo2iCnUhmMiAQMdAQv3ikiigt"
    "A+aNIdAgmJfGLyDGoegawhrrcrjk4KvvEXho5/rGUEO3UEO/wjv93RPbBBkwenMcxlpOtF"
    "GI4/moEO+gEAdsxoJqv2k9h3NEA2Tzq4tvd+CzmVXLaDtW5PRSBrqdbZelGSCfL77+egc+"
    "m1m1fLZjheiL64ZB0MkRWiBFI6936n/+g+rs8T68sxsFfTxBU21+6zSM40F5Of/HL7efai"
    "AEOaqiiLmryf8Rn6tzDPI1CBf4kZNrslemIabMNvpdRYAJFrgpbKlZ87Aiwielz6iolkKR"
    "tBjlM7TDEsDN7e3HnABuPhTCp59+/fHmvVEfrDTMJK5roqpLizSsYHgTaimlwXB253D2Uv"
    "rcXTsrFijzvG3tuSpiNOoKLGZflj4V1N68xaZeIMNdfY9d3dxeM9EFt1GkROjGuAV0oy8u"
    "bN+XLo15VHZib0bHjW7s/LydUgC0DN05YNUp8aUm0zWhwuLW1+8I14q4xgTjemyGPTblmn"
    "wl2D0FnMIfxgCvB5g+OKLtXaux/we/Azq0e3F+oEP7lEc0fC8tOZqlQYYWcXpSt2TnhgKZ"
    "icbR0xlHfVFZFkx45n/V6YrpYLPCkpu2VV+5mzMylfLByOGFMnqFNtPIlM2NyInVIMx/IR"
    "EverWiSLlRKO7pikVjhrasoxxkVUhGnMRm5oTYNMwoyXCzcvpjFZkFckFevSQTCnJgng3z"
    "27RHRo2uFIQ+I/cBNVM/C1jEkjIvWYxwQYyud2Xojcb3SIXL1GYJ694xk2EVRebUIz6baY"
    "sf4PoliVMmH+dSsSjR8Y8y1GQhV4YGPET2sY0kVswn4HQ1c1lgrtAHJuwPvje6mfnr3rz7"
    "78gkYosTMK5UaH4Kqmj92aFRRTvhIRh/nC15mqdCphaYGm+pZY7W6hUZiiEpFhevXn/z+t"
    "vLt69TfSK90qRGlP2pCDJAkMGwQAaxdtQh9JynxMhzryPPCDF4JoK2Jpiz4EJWbJ1NLoUC"
    "4ZCO/xMHXV2q5l0kkKdDAewngKj0UGc5FMlRHHuAENDB+YSMd2I/WRcBZGlREPsKInHzdZ"
    "JElhhFsa8oXJ8+GpUWvPmdpFGgR4HsK5D2pYYKhCiCfUUwk4GNTnQSQ5YYRbGvKNiXJQ86"
    "fhAZWhTEAY5sqG+qux/aGXIUR2dx1OqwDWkTtaoromvftUDXbsLkrbifo0IB7CEARJg/uQ"
    "gQYf68EeYJ+ugjF2zUBNmyE8Y7wbYcP5m7E9YcZhOqAD3FFbH1mwALni53lUET6RCqmkyI"
    "a0YJsAAQ5BbftKTcS9BMo4Kkj3gbhDSd4stDSNPTs7gQWbcfejuuFumQsYgVQ6zY+WHF4C"
    "R1opYqLbhaoELOVvlmAumFbgWQpR4aliEZIDLs8NWU6AJQ+F2i50XKIb3BCCR5XgKIEjkc"
    "yDgpSwBQczVQqjxZE2JuB1GcT91VAMBVc1DLDvyLiJ4z97Be0BP7/RC69NTht8jH1DH4ti"
    "FGUZxlmiwsMaryt9qBcaOfNZ2y1b1abIR5RSaZAoppy8uZWeSFGhMlozxWGmWLJgmr03Wl"
    "U/WQi0Oi7DUJ2CyE1Fn6wJSZn/heIa/V9gqVM1saRD6KMZky31yBfp5XOTcuoZ6noEKIXc"
    "UsPJmG3j3TzpIFXHoTAgyPnsw+AQuix8rk8mYSW0HTsfVGouxW+zhaoue3P44e9PwencWZ"
    "ZJvQb5cgGM9Hz8QOnglUyZ6qGSSWI34eKWRPHF85H4u9TTAwbpLSNhaYJ0OultLxjSbckq"
    "c5IuRo74LWg+RrzrpqoxuWCDspiT3jaaF+xC5lDV7VVzV4ZYsa9MRlcRMdg6MKp0UyNG5y"
    "W0wzk7Y6Lq4XkXcAnAs23kOMhMH0n5GJ1biEu55cmb/TgFDqb1jSQEPbqwiqxUVs1Zf9F0"
    "e6B/oFerFDoV/ghIcANtY6nh6IZZmwLNPT8PkoZZlADejkaskRoqOl144WLMr0TASd6Mlt"
    "ds0szQB3zcsd9szL2h3zshQVoGvrfVgYa6KdgV2mHJ6FfYT281hm7KnjMYgO7QVGCSOR2N"
    "WsTyI5jEWtBF2quazQS+txp1kaRJ1iwv85iwAT/p8m4T9vHntsYR+0dYS3QIjRyDxnfwul"
    "buuEztIgP/sWb6wrTJEdHu8Qd2xRlOI6rRUx44HSJHbzeldRCYhMx54F9ViESiZKU+EpiA"
    "XqOTNkFfHGgy2LIcYefCZjDDFibYQzZ2rrJH7M38f8fczf7xO70UP7HAWA+futjkTM38f8"
    "/SdjH+bvD2nnxTyCwXmavpOLpc/in11yNGVGx01+Jjc/b1cvk00+fwSnkG/z2pWmawaY8j"
    "EJFfPeRV2h9ZwJIoVNf4+z1F0qyJQRtTTvVK2z6XCro8+pBx/MGH1O6HM6c6Zi9chjeZ/i"
    "E6gT7LZIi7jbXuNuEWD9bASNaSnHSkvpjfkRLqX4zvxjVGl+pKNbzA+YZ94Cb+cod0Tywi"
    "j7hmhM+CKKR0O5KxuBjtocjAmFmlxzRjbok8iu4JFpEZXGiqtiFYyQQ98C6oRNUqV1Yukm"
    "OVTMJCpIxs1rH2pYn/F7QR7YWr0j1Jg1mvryPmS2nphgKxZ8Nu+0sXKgaBjUGYsWf4GB9h"
    "4pj/VGDyaeHi3x1G5sbeFpGSJkaUk991ql8SbzB3iEHyWDF9oRhhUu8XoObyiGyOO3u7C4"
    "qNtmOPy2yOAn9TANxumNQOBTcDbRNDsYyAVSNJB7bSCvqM89JxSa+20FXSA9gKDP51M6Oz"
    "lzpcJun3OWEGXcZxlDSLKDhDNkKN/ey3faqlhEhmR41QuOUmBnJXm3wECOED+kvn1IPfFW"
    "fwDDQ2oo4PJnth5VeKwLM8ZNXmu+mes8xJO3ea7rJb6Huza++a7bUjz9MG6D7a7ac3TMoN"
    "P29B5G6vvtQoUbigF6wI5yvMolMKSygEE9m3NEA+T04dN8uFiG2lFzevHmbZnTTWUKipRY"
    "piCrvrQrU6DgJ5S4Xw/w31DsBe4/H83xOCU6AkY7orhylOi5RCW+Won/yLx7FrwXOqjU4L"
    "PDjeq7byc6LJ25A+rEsJFrvmIkQnNCnYMYc76QK+ZFiHQpGJmG7gPTREtChQR9/ioCbBB3"
    "ToX5WYTONAuAGZXFFo5yH4s/mUvD48hvnFaEZ19cP1RwOy6gZoMmALyfc3dOKPnh9uP3xO"
    "NMvSR30BFPhgGZfA4vvr5469jFJyT6htVnAegVWDDBoZAp9alwmfmDzbmFyZhbWo5fkQnU"
    "4rHP8MsP1380Bx6RK9vQLkO/DNiKy9AsDZNjpE2yhAXKWNy/UQSla3UUZef4EuvZ90nLR+"
    "D/CQ0pxcyPqay63pRfl6UaEkD9xBl2D+bXtvLFxPMHaFcdHsMBp54TnXhteFwgQ1bvwGqj"
    "+rVndI4I2bwDmzET+on2aTabMejixzoYqkVaNFV7Z6piutEzFDQkQkDuqrVKW+6pRVLcWj"
    "tvrXRFueVIF0FUEKMoOotiDoQdpJCnQwF0FoB8ZJ0EkKdDAXQWAHbNPryDCbtmYzrFeXEW"
    "+5FjP/Jz4KtZUKhZ63hIgQy5WtCCNyHPtg6AAikCi/ts/xsFo6qmb72/OiUYoK/6KPjBgF"
    "FVBR68Y19qDJkNxRAyIJq+lvd/u8t9KCUwVQ7GlkwvIqwKO1frPkfY36gLcLAvyCZjdobL"
    "URWoKRoZN+KZNnO2Ipn+CvVp4B7Kooignoyc2T8jbAX0bKEkxaxD9Zm0MTsUvCFmWzY8VG"
    "MoS2MepYxhOvgdAL10TWLLPC6wA2v7a/JgTgRBputoDaO2Q4meTUnTaLJrniVuXmM+EiJk"
    "8iBrtneR0BX1w1blMVKCwSVhvN3p3HnbcO68Tc4dTMI4PXbIlctWL3JKMEAVCouQ9P+FNe"
    "dKW8dOSoG87JHmo6vVHr1N59G7KTy3RvFwA+ZxbQHCj7H64LOZjprVlTWY7SQWUJ2JWGqL"
    "ZoafBuhpP8JCx7htgEbHUeYrMmFfltwIIiHZALDhTrDAZwHVBWNaq79EsO6I8CXUDVwY8Z"
    "vVUhS3ChfwXPCnYcuLHCr6JfkpuvdnkeDIqQ7NIxmlyRAsFPNXRlMzt5lEA/bRxoTbPn7m"
    "BorpcVRq3YKu41mek/khCLjuy0fdpDoh4PrgZxCC+J4ouJvuge14nyND9nfHUNJAdILV5Q"
    "gRVNdvp3pGvWkr5yIthk/6LOmNKtf6e85RopT7LOWl9Lm7dowtodpDTSqJUR8spimF5ulb"
    "BSI3FAN0ox2+vgaC+g7/0j5dZ6OesfPQjY02/pS2x2qeEo/VPh+rZX9YN2kXV0Cpn4XUoR"
    "xFW59aBS0eSr2JSPxoXZ6jiqBEPDJuikssNnN2wGLITNETwtU7Aq5+8yoA0GFpdG0pqA/d"
    "T6HPz5wFUZSACzKJIB+TMTEvqB0wz1GJxTjCHfbw9PfLB/08/P4ImThedkGEWmpj8OWIBm"
    "jzHaVHjv1vCyYn84eAPD0BuBeiIhUA+Xr+pgQDZPCbXZwWZlY9g9+U3BZLw6RWL3BKMDwG"
    "X17swN/Li1r2wlDBKcQDPfdoRSVssLtqXEIZmiZL6/y43cBdsJxqeOfEVQMdXgHyr3UC1V"
    "CjM6jsDAJAjt9qD9hQDFFNOHxBpUDOeBWH6+v+Zkj2KvzbN1Y3sPYolX+xheGR3+3/kbwb"
    "3iJHiHiLXrsUrWUYUN9p23G1RIjf1A7fVMS1ms5OjdUBsmTot+2N3/Y21FP55f2KiUpEeX"
    "Z43OTBlXaiw9KZT9LZBzHRiIk+mx2goIeju/koJULkkrtt9IKUYID6wOGhRUu69iWteGUb"
    "7McNCdqPe9iPWKd1wCZOT7TDn2jwwLw/RXpcSTnMjDbqhks7z5klE3doHLOlLsGUzWTAbC"
    "+TGKY4Jub+PmeQeMiSqXLBKtvFHHj1PRTWvkRDe1QRAdtS9m7LbKFvJajhTi92JfEA9bCj"
    "hPuxlcoR/V4qdmvsquQm81HD3UvDXcqgshZ009m4oRngm32kMnUu46uulkSWFC0JtCRqLQ"
    "ktqgHCydA2GyKdhK7lwbqWUS8/Vrv4luHRAUdFD+8FPSnStt/MPYqCgk2yUT05iXryZ1bZ"
    "IzszuouS4jywnTtkQ8U0Yyty6r+DamSUKGYuaWKWiIq1Js2euTLXlvoKqsCGU5+7dkpcmj"
    "UiqnJ1HnR9W8DNlrBUE1uhTTHzk+FjgcJoakldpqoXiDlzjJpn9dtspSpw/g7SQ2HBUQs7"
    "fZg/3iBasjVHheCpQh6OWPFAikWlh64hGydPNkBV7BheUDgGHDWn5sQoM7up0H6JtGPF/f"
    "N5hQ9ZcL9Uc7odbjylGOBbjgZHb974szA48o7vlXzo6PfOUmLVkb5JuS9mpS0A95eo/tuo"
    "yrLMTRg3Gpe5YnK72ZeTTe/1WSAXm3rbUC2bknitCM9ie3cRmGaLX0zZPRdQ9dUWyYa3uW"
    "RdHnx1dM/3QrdGw/DkRkzmq87ztDaLOEMxpJrMB0sdzu9Nbc/3MjWe8X0747PSNr82rPYA"
    "1GN0sjSI09kDpyOkrgh/1Tc5TOYPwhpt+oqO0ePQ+tbVvCYFs6E4SoFuEMw/gStgw7f2Vm"
    "KRFt0BvTtE+mIoJgryqMpITAfHjQZibhqCpAZrhT0tlqdHkdDDI3lcX7oPjpzNFAQrmLm7"
    "17JTUd0KQzLSTtw4B73xePwe9/j9zxBMkoqjNxpoPHZ/S6dsdcfezRlh0MvYdhkkVEG3wE"
    "fzH7uGN840ToyuL6jHiJyVXa+dVwIIz3vqzsHvOqHAOWX9tpQEoW8eGZIeo2Zr0Rq2JSML"
    "uPSSZonT0DOKQeTVNf9eWyCQeQ1YsGLeZ8HFGBIrgcEvyUQJulRzqdOui3GK1wvzL0mm7I"
    "pMoCeCeYY5hXaOCxlCt0UuyIILs4z5zvTeSZaolWBVkP7sy1gV5OkZi7X3jl1XEnt8Po2u"
    "DOdrJ1U5R4iacu805ULVHQhcOAujCslWkOgy5fBqZR+hyhE2ATxFP7WK86I+epcSYOhuj9"
    "BdZAG24fuGAhm/T/Xn2DBuw/osDTJ/D+azL0ufCus6acP/AhmKYJ+Nx9WyVWGPlGCA9hdi"
    "2Hvzsp+dLdCjNuQo5mOmKviMqo65CjlSBDL2Tc49CYL9zDy2SJhfioRlRsdN4bAgP297ik"
    "Lk9rMBIhuwgmiVpg9MQBSI+v4VmTzKQM8dGxGapFGtabhW46pIUT5H4eDLYyCqF64DDEQd"
    "ncUYiDpBN1S7b7fjao4IywFgaA9De88htPdbSIXmugL1X8v3LMmQOH+wLLGM6tfujS4QDq"
    "h556nBnWEApb5b5bJkaQa4Z1/usGVf1pd3KjkCjZHWKsSTEqCHGz3cPfZwY1j++GVjMYgw"
    "VK9jVsxQncPpHkmoIEcvc5/ljdGE5yFn8L1DukUbNSRLMzxw4FEUkVnoz7jvd/qeirT4Qf"
    "X5g3KpcFlHSRdpUdLnIel2dTaKdLiF7oZWsmxzjNGgqkB59cVkSoRDYPgpisr0BnUAvThH"
    "lYgDOzJuRhukc7YiDf6ahP+F1ITRQDCP0JlmAcAAxtDZ0zb9zCAEoPZXJpU2ag5qfnUZZn"
    "DAtW2R/Shg4rg+fYSdxFyfEC5cPzS/KSKYMksizfgViWwvzy43k8E9X5k7RGsQF1JqIUPY"
    "kwLLLPbIy4IIhqOzuNyXtB1P81TI1BJ6oR/di3ulHh2luSu2wjyNGhrpEx0dYzlS9Hj32r"
    "wLmCuDroLOkaKgey1oFS6XPjeKUWqYl+V9I6XPqKiBh1UuUGxfYlYYlqBvbm8/5mR886Fo"
    "SP764817c5JZ4ZpJXNdAPMrGTIUItqLHivRDwjOdGHMTMxRsx06SSAhRBPuKIDHWO4khS4"
    "yi2FcUsQ+lkyQytCiIfQURMC4Ak91RFnlyFEd3ZCZVnaCxeToUQHcBSKGhWM/cMLRKBPXd"
    "9oqUHZvt9U0MTRw9YLe9XkVGPnLBRrXRETs63h4hcfxk4tYwya1gBGa/ULZr7ztyH0ilII"
    "CQeDjGUAqUa0iOhG89Uyg0ijjoLcGSo9wBgxq9cA5jUOPoLC56K1tnD2aIkKUYJzpNcTdH"
    "hPApl7laq0cWqIakSB4sf82enF2U9ALhkJiLZtLzEgAmJJ+Q8b2xjWCNUaVdZEfGzTZROm"
    "d7fRpYX02sBTLJjMGlwNgfa+JLl/qsWEeG2y4G1mZJimAYeyfJXK0oVHOc+1g0mS8fnUfz"
    "NkfT5/KRGMaujTElfeYRm+5pb+KzmQasmiBKLthUemuyCBVgzYiWvncFXSIs68gj13NCAa"
    "hmDDhhNXS7tmE1XzGAopkHtlZaPIFI4a/RUOuPdoZNfk+fTPmkfbue+og6co1uY3+1qoSe"
    "zB8gcw9f88WeTWXu1pcQSAmwhMAeJQSyakAb7hfpUAh7CAHY5HSxMQqEaGh0tvDkkgkHup"
    "1VHJ+N2K08IWK2dsdsYWGkp37p+cKYvk4Y+GX+12fD5YgwE659e3WzWXDPgeSsMtubYcF5"
    "Skzu7TMoOJJVKDSv+Lp2EXNKinLus5zNMcQX4cLRvF3qTJFuCDvp0ZtkscCJw/U+X/CKtI"
    "p6b3wF6YAUh4NF+yKHrVNT0K9REy6Soi68uy6cus9bvNI5GnyXK97lNHDQyseco8La16WS"
    "k3zV1kbeEOGesPuegIURB6tA9irE/YuW7sOoNs4dDY+3B7sdlc7crVAKV1E4WM42Ud8Ydi"
    "tIEAoiQ31FpGA2Fmz+AdPkI7GVTswcIXVNmZRDrbxHIPlJ2y4807BywBbmDpXFCJv8iTky"
    "9KGfJVgn9NlN6JnPtHIj24w272NmnjPdTNy6jV1HpY9YYNs4RYGYd1HxJIDLwHrkPqBmhg"
    "cTJsYK5dKbjIlgOlOZ6bdQagapCYoFK1be045zG4vb0VJT3+JqYKWF+d6ijTIC70D9ahLX"
    "r4YyU5CVC0kTShqOBHtvkea527hMkvmHiadv3xLPzlOCgJuT20PRp9bmLd5QDBEXskvBnF"
    "f19XJelcrl2A2q3XmekuBZ3jk0GKq2udEJBTL9HBWoO84Cs2cJ+7tLClRmtFGB0raIzWbi"
    "LgqUnQ2WGhBHqN+kQSaUsvSYyz2jdUhRqRe1o0ZgcC+OT8zgPKGGAnCB1tHJHNEA9ZTDxy"
    "a1bM3kDAmyeAcWs9mM2UhCl070BVp0ivfOKY61E5+loKur8TfVnN2rDH/fhHnsTZOLZVgF"
    "K6+H9m8oENS/B6gfWwcOvZLGYAAeffJBBMzjlUGczOh4uw9iM3G3WDTEgmdmWhRpUUTLKG"
    "hsFlNjEgdaYMILReSjILYAoKiLP++zGvooevBFjNFHgRv5efPUgu64XrdkaoEMuVrIE3Rt"
    "3YsuhmmBFA3Tnhum6IF4FoJWSya8LmmoBUKMe3YONscHeYWXopb5WZIhcf5gyQ+C38+r/D"
    "61HN0QID+xBByCIsDlEFChZtYGL7sjkrFxozMiO2t7ITiPB8xaxxaRefvrHbTatM4C6MIR"
    "WCjnh0/pRTOZwfWKUm/7rIQeiF4YHeiBODqLESB7dMamG1GbGF+OaIBhvssdonyXtUG+y1"
    "Jn8yg7ADJXW76+ZUp8gVHx64dVKKSuSA+pL0yUzB9CJY0mB8sxahJhrnEnUZyDr6snttQ1"
    "C7g7H1VYUvHIuMmOops526yoesEe2K6p3f0rD9KKnT/ec/azZ3rvQqk3Y2J0SxvFMEMyQL"
    "Xw4s2bHRRDM6u+3ziMFeKA5qNqweF4+gC5+2qnbu6vGrq5vyp3c4/b4JU5XI+vy5AgwK4l"
    "wO5JD7Pf/x+mdc5W"
)
