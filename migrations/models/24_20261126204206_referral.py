from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        SET LOCAL lock_timeout = '3s';

        CREATE TABLE "referral" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "version" INT NOT NULL,
            "programme_id" UUID NOT NULL,
            "side" VARCHAR(8) NOT NULL,
            "other_id" UUID NOT NULL,
            "status" VARCHAR(16) NOT NULL,
            "joined_at" TIMESTAMPTZ NOT NULL,
            "fact_at" TIMESTAMPTZ,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            "policy_version_id" UUID NOT NULL,
            "answers" INT,
            "flags" JSONB NOT NULL,
            "actor" VARCHAR(200),
            "reason" TEXT,
            "due_at" TIMESTAMPTZ,
            "applied_at" TIMESTAMPTZ,
            PRIMARY KEY (member_id, id, version)
        );
        COMMENT ON TABLE "referral" IS 'One version of one side: `id` is the same on both, `version` counts from 1 on each.';
        ALTER TABLE "referral"
            ADD CONSTRAINT referral_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT referral_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT referral_policy_version FOREIGN KEY (policy_version_id) REFERENCES policy_version (id) ON DELETE RESTRICT,
            ADD CONSTRAINT referral_version CHECK (version > 0),
            ADD CONSTRAINT referral_side CHECK (side IN ('REFERRER', 'REFEREE')),
            ADD CONSTRAINT referral_not_of_oneself CHECK (other_id <> member_id),
            ADD CONSTRAINT referral_status CHECK (status IN ('JOINED', 'REACHED', 'QUALIFIED', 'FLAGGED', 'LIMITED', 'LOST', 'REJECTED', 'LAPSED') AND (side = 'REFEREE' OR status <> 'REACHED')),
            ADD CONSTRAINT referral_fact CHECK (fact_at IS NOT NULL OR status IN ('JOINED', 'LOST', 'REJECTED', 'LAPSED')),
            ADD CONSTRAINT referral_answers CHECK ((side = 'REFERRER') = (answers IS NOT NULL)),
            ADD CONSTRAINT referral_flags CHECK (jsonb_typeof(flags) = 'array'),
            ADD CONSTRAINT referral_reason CHECK ((actor IS NULL) = (reason IS NULL)),
            ADD CONSTRAINT referral_due CHECK (due_at IS NOT NULL OR applied_at IS NOT NULL);
        CREATE UNIQUE INDEX referral_of_friend ON "referral" (member_id, version) WHERE side = 'REFEREE';
        CREATE INDEX referral_of_referrer ON "referral" (member_id, joined_at, id) WHERE side = 'REFERRER' AND version = 1;
        CREATE INDEX referral_unapplied ON "referral" (programme_id, due_at, member_id, id) WHERE applied_at IS NULL;
        """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE "referral";"""


MODELS_STATE = (
    "eJztfXuT2ziS51dB1D/uidA42lXtx7ouLqKqxzPtW7c91129M7PnCwoSoRKmKEJNgJK1e/"
    "PdDwmQFN8SKakKYmXE7nSZQIJUJgnk45eZ/32xED4L5Mub6VTEobp4T/77IqQLpv8oD43I"
    "BV0utwNwQdFJYObS3KSJVBGdwlozGkimL/lMTiO+VFyEMPlLyEgk1mTJIrJgiwmL3hM1Zy"
    "QQ0wciZoStWLQh64grTUxDn6znVBFKIkZ9EjLmS32FB4yEQs15eE+4JH7MXsLdfTHVt9cX"
    "T3mjr+HX8K+Ch0oSGjE9R8CcGG4gR+S/WCSI0HcUEXtJxiH7pjxN5VE1hgXgARiNAs6kIj"
    "yUiob6ngruNJ1/DRVfMEIDoR99OqfhPTMUi2syDqhU3pzK+disMYeH1D8C/rY/7oUEEh6a"
    "nxZqLjBpHnWsOIuye8/5/VzzQ88xv3ZLDk8VMn9EZvrhKTCNC59oqfKAmCU88/fYcEqTfQ"
    "3vtZz1w86UJubKsjBdV/+u2YxQKfm9XvQ6WSFiK87WZXYAi5KfwvVjhL40soxD/rueqMQ9"
    "0yORluj/+b/6Mg999o3J9J/LB2/GWeAX313zizzuwzpm2FObpRn67bePf/qzIYDXZeJNRR"
    "AvwgrRcqPmIsyo4pj7L4EUxu5ZyCKqmJ97x8M4CJKvIb1kn19fUFHMsgf3txd8NqNxAF/K"
    "xf+YxeEUPhBi7gT/88P/TJ4wN83zPn+58379cOd5F5UPCx6h9Akkl6YihI8S3lhg07/sul"
    "u+mKsXcIMff7r55burN38wLBBS3Udm0HDt4l+GkCpqSY0ItjxfRkK/EIsF68j2Mt0xOZ9e"
    "2LJ+uyelTE3Z5hijc4zVXwTcpcLTW37/MVQNXN0SlRjK7T59ZqzUz6v/88d/u7y8unp7+f"
    "3Vm3evf3j79vW779/pueaJq0NvW/h/+/EvHz/fwQMJvYvZUwwuFFlPV5RbjnRifoEM2d+b"
    "/fOEuftzPqVApvdmulizjkxPKZDpvZkumf7x4bTjPpOnQub3Zn6mWddxP6TRpp77BbIS+y"
    "cbxeQZCqCNl5++3MLKCyl/D+DCf9z8cvvx880v//ju55u/G0VmsUmGPn35/Jd0fl67uf3H"
    "3YebOu5HbCoin/naLKgK4U+af2AXtYihRF+Shp8s8DL9Yw/JJDr6GQjm7uPPH369u/n5rw"
    "Xp/Onm7gOMXBYEk179zmqe268iW4T87ePdTwT+Sf7zy+cPZQlm8+7+8wKeicZKeKFYe9TP"
    "8yS9nF6qSpzNZkxbPCvWV+TlBVDmLss85wbpKu0SKcrZZTmDm6cq4B/nNKoXbjq/JFXNnj"
    "M8PS8W9JsXsPBezfU/3/zQIlh9eBoXwJsfSsL6nIxcmqF/VZjrSV6rJ7Z/Q0XKI3xCrrF+"
    "aN+Qdbb2EnNGiTul81K2PveuG2aODPfNffdNE6044LMq0ePH5fzHlUafOn9eecJeH5hjkn"
    "2U7ytl2gGfWHUJ/Mqc/8oKMd1eYq+sgFI/A6n3dtjV0aPEXZM4YCtmD7lIP1yY0OnDmka+"
    "VxkRl6JpbnVocbkoX6EhvTdCAm7Cc2bwI8VXXG0uaqFJydioHZuUm7UTnDRec8D6eAFfcI"
    "tQMRMNKAZAOQrALWsqiVQiArSMVcUziBBgYCTdAHJoU0UkHX31AzAy3VAaiIrph4pxC4nk"
    "7p7YBQ+DQKPTMNZwosLQFlspmY8+iD1spIjNWFQf4m/mcIFogGx+dfluDz7rWY2MNmNlTi"
    "9FpLqFIfI0A+Tz5fff78FnPauRz2asBBSaTuMo6mUClEgxHuGc+l/8oHrbesc381DQpxM0"
    "Vfq3TuIEulSU8//69cvnBrRrgaosYj5V5P+RgMtzxKO1CBf4UZBruldmaKjcNvpjDRYKFr"
    "gtbal587AqglshAkbDeimUScuANE07LAHcfvnyqSCA248lpN/n336+/aDVByMNPYkrc7kK"
    "AFyaZJ4ahrcB7DMaRF72Rl4uRcCnG2/FIqmft6s9V0eMRl2JxezbMqAhNTfvsKmXyHBXP2"
    "BX17dXLOwDMS5TIso4rzPtQhk75sK+UYotlsl22+DKzuaM9nFpa606N32nb/snsSZipl8o"
    "QvX/JWsYd3Ni/vpEhCYj06cb45M2SamEm3TO0Jc2NTQIiNCbbpKuaRSOqqf7hPeCnNaPSp"
    "Ix97MU0vQOL+RLcjdnEYMBarJ/Z5FYmDlS2yKQugoZtiJE97k7pxW6zx9RIcjvGR1SGnNU"
    "qPAelmrUM+EBXSiOulBc0TOCQExpwvyqhrEdbdctivP2quahRKyPbjHTJ24gFJls4NCHEh"
    "Sb9/pAl2QaMd8UiCA+m+gT/ruQ3VNI3fnDiJhiE1oASssL1qwv43H0O+DJ78SxhCf/I578"
    "5nvpyNE8DTK0fJoL1ZGdWwpkJjphn04ndUVlWbDQ1/9fX3ksG2xXWArTduord3NGJkI8aD"
    "m8kFqvUHpaqYYVOAvsm2UBeVqfuKcrZsc0aVVFOcaiplRX4sweE1NPzfo2tgtnP1Var8ar"
    "l2RMQQrMekJM5S1GtaYUxQEj9xHVU7+GxkECpMxPFyM8BOfKtabX+t6ahlMmt0sYP4ueDK"
    "tIMqc+CdhMGY8MVy9JUvtsPReS2YplfxSxIgux0jQQhzKPreWwYgEBu0TPBZeMog/GH+ST"
    "e62Z6b/u9Zv/nowtW7yIcSlj/VNQQXNnf0YF7RGPwOTj7MjTIhUytcTUZEutcrRRq8hRDE"
    "mtuHz1w9sf3l29+SHTJrIrbUpE1YmFUEaEMg4LyphoRz08s0VKdM4655xFIOMzFLSxwLwF"
    "D0XN1tnmUCgRDun4f+RI15TKeR8JFOlQAIcJwNYQ7y2HMjmK4wCoI7o3n5DxXuIn6yOAPC"
    "0K4lBBpG6+XpLIE6MoDhXFNKBrrdKCL7+XNEr0KJBDBdK99naJEEVwqAhmIjLRiV5iyBOj"
    "KA4VBfu25FHPDyJHi4I4wpENjYpU/0M7R47i6C2ORh22JTmzUXXFHJ73HXJ4tmHyTtwvUK"
    "EADhAA5rE9uQgwj+1557Gl6KNPPGQXbYAtM2G0F2jLC9K5eyHNYTahEtBTXBJT0NwkmKXL"
    "XefQRCqG2mljMtWjBFiQNSdcUu6naKaLkqRPeBuEND3Gl4eQpqdncSmybj70blwt0yFjES"
    "uGWLHzw4rBSerZ3sgduFqiQs7W+WYi4cfTGiBLMzQsRzJAZNjxazbSBaDw+0TPy5RDeoMR"
    "SPK8BGATOTzIOKlKAFBzDVCqIlkbYm4PUZxPdXcAwNVzUIke/LNEz5l7WJXwif1+CF166v"
    "Cb9TH1DL5tiVEUZ5kkC0tc1PlbzcCo1c+aTdnpXk2yOmnEILMzYNdknCvTnFXamulFXsgR"
    "kcLmsVKbLZomrE42tU7VYy4OibI3JGKzGFJn6QOTen7qe4W8VlP2S8xMYRCxDkdkwgJ95b"
    "9YJK4LblxCfV9CfRCzil54PIn9e6a8JYu48McEGG6fzDyBKUSmHyuXy5tLbAVNx1Qbsdmt"
    "5nGUQM+vO44e9PyenMW5ZJs46JYgmMxHz8QenglUyZ5IJcOmB88kheyJ4yvnY7F3CQamdW"
    "s7xgKLZMjVSjq+1oQ78rRAhBx1Lmg9SL4WrKsuumGFcHhdmV/tU9bgVXNVg1emqIEjLotb"
    "ewxe1Dgt0qFRm9tikpu003Fxs7DeAXAumHgP0RIG039GxkbjCqeb8bX+OwsIZf6GJY0UNN"
    "e0UC0eJlZ91X9xonugX8CJHQr9Ao94CGD7ztPpgViWCcsyPQ2fT1KWCdSAXq6WAiE6Wpx2"
    "tGBRpmci6FRP7rJr5mkGuGte7bFnXjXumFeVqADdGO/DQlsT3QzsKuXwLOzjR2GwzNiTx2"
    "MQHeoERgkjkdg71SWRHMeiliFdyrmo0Uubcad5GkSdYsL/OYsAE/6fJuG/aB770Hix+xZf"
    "IcRoZJGzv8dCdXVC52mQn67FG5sKU+SHR3vEHTsUpbjJakXMeCRV1t342paAyHXsWVCfWV"
    "Ry2uGYh7avcV288WjLYojRgc9khCFGrI1w5kztnMSP+fuYv4/5+y6xGz20z1EAmL/f6UjE"
    "/H3M338y9mH+/pB2XswjGJyn6Ueq9VWfRj/T6OGixtVUGB+1+ZqmyUxvkU7dq3d1QKUigd"
    "DUxKcbU150PefTObRzJtYtYGDplGSAWZukHhhMHFHzSMT38/oe1sdc/ADHk4sQ4efhjJqK"
    "FYMU1USQXfSdGtIDtR7XDpHdao8rm5T+zy9sxWhQu0VtR9s3KH3Ji7YTd25Pf5sLsqaSyL"
    "lYh0nVDD3FbhjbcNTItIBfz1loq2msUy93dU86yoroAXd800EP+AlyQRyIGg+TtXoLrHNl"
    "NXttM4IB+mxPkvZhz5yeGQEFUswIcC4jwBkVabEMWML8GhUpG92hIhXm7YsW2CopgalPJh"
    "XdMMgNHpFYMv+9KSUG6k5I9LkOecZJtbEpDcmEEblkYY22dPTVUXNy4uxBzekRj3fEDpyA"
    "qdgF4FQoguQE6qUslWlRW3JOW8JE2WcpaCwvcCo70xnzI16KEDyxF7XmRza6w/yAed40nb"
    "iH/WFJXkjjSB0RvrC4YihbbJDEtl2ddaiCv3XrD7J2BbemhS1xnFQ3Lhkhx74F1HseG2f0"
    "A9uYskrrZBqHeyyWVK9AJpv3ZM31ix8rbchIZpafBDR8kCPAUS+Z0IcdgRfHFpEeZ3rw2M"
    "wdF1xfY1urOllQPzLj9yHRDyDfE6pvoGgg7mNmSk2HbMWir/oz0YYT1JOGEtR28ReIwXZI"
    "H222o1wMOLp7oHbyQ5u9sqsPOkeELK1o/H6nCk/p/AFqBScp7pSeNF15nNIMr3DGSdgsFV"
    "VxDSitmclbiiG+ym/2YXHZKslx+E2ZwU/qG3TsfR5QUHWQnE1thB6ujRIpujacdm2saMB9"
    "Lw4VD7oKukR6BEGfz6d0dnLmUsb9Puc8IcrYZRlDMLmHhHNkKF/n5TvpZAflSIZnBp0E67"
    "QSvF9Ip0CIH5JrH5IjcYYP35Y82vzCFiDG6KIm1lCaMWqLNzAz14vyk3fGHL6E4OK3FCMy"
    "9ulGjsmEgUvduP/touQ79m0axJKv2B8MvDsIUliSCQqYWZogcaFX4w6nuw16752wFhEFdX"
    "IWF4rv6e9A9jiXipRojjt3MuXFDLtkVcCNgKx0OiKxsBCuO1nWiIsa8G7liB79ERz4QkEr"
    "gn9nmzo9ujSjVY/m27lp1HCnHt0s8QP0045hzkMinD1003MMcCLG5PEBEdqI6waW3FIMMJ"
    "J8EjeVWAJDaktxN7O5QDRATh+/YB0Pl7Hy5Jxevn5Tp0k2F9wuU2LB7bz60q3gtoSfUOF+"
    "c6mqLcVBZarOxwN7mmLzEaM981gKlKjEoxJfr8R/Yv49iz6EKqrV4PPDrep7YCZ6LJu5B+"
    "5es5ErvmLE5rOB7znxOy/Eivk2J1eEjEzi6QNTRAlCQwH6/LXFl5PpnIb6ZxE6UywCZtSW"
    "DT/JfQwCfy40jy3+IuttnDnTCQ+h+rgikHpsK0aRn758+hPxOZMvCdSWmok4IuOv8eX3l2"
    "88s/iY2G9Yfg1p4qVPYfNkQgMaTpm0j6HH9B0Nw6/JGJpKmEf49aebP+rzjkDloSL5MmIr"
    "LmK9MkxOUg3SJQys3yQ+az1QTI2KIs2cQCg5SgqoA+h/oX8OtHiGRdJmOWMMCrhjBWBQ4B"
    "ENLcn0j6ntL9zm48xToZezt5fzQf/aTr6aZP4A7a7jY6XhVPTsidiFxyUyZPUerNaqYXdG"
    "F4iQzXuwGaNRT7RPs9mMTUED7xM7L9GiKeucKYuBx2coaMjrhuo+xhbtuKeWSXFr7b210h"
    "XlhiN9BFFDjKLoLYo5EPaQQpEOBdBbAGLNegmgSIcC6C2AJ64Tdz7Bom6ldfmKq03XdhlF"
    "MuQqpi0/Fmdncdi9ukmOCDmKHXMeg696wVDOOsdDSmTI1ZIWvA2JdnUAlEgxgc9l+x9L/p"
    "++5D+VdeDCO/atwZDZUgwh07jta/nw97vCh1IBWxVgbun0MgKrtHPlAA1Vrv+6oEHQbMOX"
    "aJ/WiHx1wHttDcery7dvMlMR/tFmHP76882nTzX+EM2TOkO8GbCZUiBQs/wGtwE1XUGSaT"
    "M+Xl7UgcjsyKgVP7ads0dPLaoI3EMa1BaUGxUz86fFqgBYKdeN773pi6U1NkBcQIlVoo85"
    "zUOogWrqsdb12DryHQAtdkMST0dS0hXWDjbkIYQ+XpONXUObQVAUdttEw06e6mex7buI/k"
    "hIKNIH2TD1ktx8DfWrpzTT9Bwotwo4rmSCucd6Dg0JbXVY/dQr5h8K2FrRIO5UcjEjGFym"
    "zJu9Dv83LYf/m/Twx0yZxwdwTcWy04ucEQxQj8WKi+6/sPow6updyyiQlyVEkDkLe2AVCo"
    "ToqHDZUZGIqlvRrgLREIzpYbeO+CTURa3hoXZZHWo/kwMqKU0j5msV2rbVtQp8wGYmGYLX"
    "dJ7bTWJSSHIYDGUSOOCnQb5IYLM/kkwVSAZJcDPXZLwtKGNItikncCdY4GsIHSXyVZxsIo"
    "slfAmNHRb63dCrZXkrMl7Ac8Gfmi0vCokgL8lf7b2/hmnmDFWxfiRttmiChWTBCvJSFBnb"
    "AfNoI8JnidEhmRrZ9nomzySZ5Xu5H4IpJO6ckJhC8phKCMKSn6pITrIHduN9gQzZ3x8VTq"
    "Owl/JdIESYsNPad1696SrnMi3aWS5L2qHyiCjl01nTIuDTTRrq7OqMriNGfbCceBmnhYT3"
    "zrnMKAbokz5+RSGEKR//pX26btaOsfPYJVS3/pSux2qREo9Vl4/Vqj+sn7TLK6DUz0LqUI"
    "Gnq0+thhYPJWciEj8bl+dFTVAiGRm1xSUW2zl7oKFErs4T4fI9AVe/fhUAarTUurYIaUCg"
    "FJUviQECQZSAh2RsQVfjEdEvqBnQz1GLhjrBHQ7w9Lvlg34efn/EH50uX8riBrsYfAWiAd"
    "p8J+mua/7bgcnpfAz/75WuAFGRmpSfZv5mBANk8Ot9nBZ6VjODX1fcFkvNpE4vcEYwPAZf"
    "Xe7B36vLRvbCUMkpxCM192kNSgjsrgaXUI6mzdI6P263cBcspwbeeUmdVI/XJNA0OoEaqN"
    "EZVHUGASAn6LQHbCmGqCYcv0RcJGa8jsPNlc5zJAeVOneN1S2sPUmtc20+qrgGBtOCxM8o"
    "8N3e493+p+D98BYFQsRbOO1SNJZhRAMP0s46m5R5Qvym9vimLNca4OWt9U7yZOi3dcZv+y"
    "VWE/Htw4qFtYjy/PCozYMrzESPZTN3+nHHufqXBpRNw6yDQILLzpxpLySZas3uATDVQrJ0"
    "PGIB3RioeMRoAPmqNf0QTnQfA2Y3A0kjg1HSYYCR5LJ+40U0TpJfFVlTyFKdiWhkVpJM3z"
    "6cJouDYxkSXWdUq1YHJ6siNByh4WezEZbMEfS6n6T2k1jyaRf1KCMYoFp0fITVkm4CQWte"
    "2RYzekuCZvQBZjQW4H42lp7Wk3rKOU+JECHnpeyBGgxYvg5e9SrhkFKVjuZRz1ksvT6jxr"
    "rR+B05+B0ZE7SbV6xANrxA6tAqAXxZsciP2Scesos6/01ueNTqv7ETvSCduUc/S5hr3Rtr"
    "KkmygkmKT1cDj4tJgE+y6MEHAq4OSNYHb8i27FddH8ujr48uFSfMUnSpnJzF6FI5OWOfOK"
    "tqmEx9urQq1/h5bMV/e2R21fuLlOglcVvvp1z2c5LkCVHIzgnZEXvjrzR6YP6frWVQMTdy"
    "o63WxtLM82bpxD2MjR21gidM6/zMKP3JETsi+v4BZ1CKjKVTxaIuRHz01Q8wNFzJj3Co4P"
    "ARsyMw4efJ9OReL3Yt8QBDkidJAMJ28SdEwskE6LRvvDedj8Heg4K9SxHVhi7azsYtzQDf"
    "7BO14pky3q9SdIkULQm0JBotCRXWlwxIh3bZENmkXfZDs2wxJOCEuoh6+aPr5V0TJgacJ3"
    "F8QOCj5t67zdyTKCjTiAE/eugnRUpUT1A9aVVP/p1tWjQUGN1HSfEekol7ODqhh4K2FTkN"
    "3kP+CSWS6UuK6CVsc7Nff7r54+XrN5DK8sCW6ho6s8WTgE/NlKRdmiWqc3UedX2TBWM6RM"
    "lxktaifzJ8LNAqQS7plMn6BRLOvCQflUzzcWSWQuNT/TCzryF4XAMqFYklI9/9dvfjH4pp"
    "OCPTZ8K0eqhN5CGSbg52ydYpHs1bea26cf5O2GNVoEBN7/EhIMkm1JGtBSpM2SxV/wlXPB"
    "LhotYL2FIDqEg2QHXvFJ5WOGo8Oaf6VKoyu63BboW0Z6fd83mFj9lot9I2slu1ioxigG85"
    "GjXOvPFnYdQUnesr8dDTt56nxAQMl6WsWcw6lQfMCDDpYr/6i9h/5Vl8RlJ5MSATRU2Nve"
    "ZShWW651yuMGLLgE4794QtkQ1vWzqOS8MVf6XpNfQLoHgv6hyWueFRq8fS9iyKspk7XZY/"
    "ibUeipJKOSvO1sbHB2hIi4s0a0miOIv0/wrbGpaSpC0SofLB1MWpOiuPtrJxU+qticMzZx"
    "1gjWMxKfKepZnZ+zB/BPXcYRaUCIiSSkA8Itw/2J/odk8pDCujs/EQZ2PylXV7p7c06Ggs"
    "dUfjIZfzXuZiiRQVXdcUXadUh/+wJ0qz8pBO2Ed9WOXm7q4EyGYzps+TFfNmkVhsu8JDGv"
    "f2NDdH9FzoX0RgmjmcJ+yeh9Cb2BzQ8DZXlIijr46QMSe2SDzbH/0syn3VRZ42ZubmKDAr"
    "t64neGFv6uzIqlDjGe/aGZ+Xtv61cX3EuDlvJE+DuSMH5I6EQtVAMu/Yt4atK50/iOhl21"
    "f04e937cwuBIzT6WUJlKxAwHsZ26Obz7FMNwjmP0IwZMu37mZimRbDx84dIs4YiiL4VYnp"
    "w0WtkZgOjtoNRBF4Mpu3l3dZP9CG8IXJ4/MJJCJIC12FxQwgNGAzZU04FvqmRNiKBtz34l"
    "DxYDyCxP4QUKL1PuYjrg+e5htLB4XJRAz+6Ejfw3QDtdhXpQ1LFur7aGp9v02C00W70glz"
    "p9mujJj5hLoxu0CEFmXZotx+RV2PrRIpWj6uHVrFEPRC/y74tRUp3/L7lqK+ObIhORD+7f"
    "Ly6urt5fdXb969/uHt29fvvs88CdWhNpfC7ce/gFehIFjrZnBFZ0idarU6QzbYrjMUpmGy"
    "72BP2KfNSXUo2+b4GakmHcoTs5kEQDzTd/dr4Nxtm3HTCrgvd9qXEfH9LLQfR47f/x2DG7"
    "Pm6LUDrcfu79mUnVb63ZwRpjXymCoLvLIdzyQxa/i2N9o664QmtcntQ3u1qj3eeyWwvD/Q"
    "6Rws9zEFzknb7o1EcaAfGVJJbZnwbae2JYu48NM2b5PY14qBNfP1v9OOb5JFK+Z/1Wqotf"
    "M1g1+SsQzpUs6FytBkSamyFwaINmHXZAxlafUzzOmKEboAax8yXcmCh3qZGHJb0e4/B60E"
    "q5JjVfJzYSx2lT51x3RzhHTTnLc0qCv31pXhfO2lKhcIUVN2TlMuNVIEsIO30KqQ6FR2o0"
    "o5vISVEzSudDoVwd0Pq2NLi5rzohnxkxEg3OcAuI+1ALvwfUuBjD+A8alh3IX1eRpk/gHM"
    "Z9+WAQ1pfQJOM/9LZCiCQzaeqerWczEjGKD9hXVSnHnZz84WcKjAA4r5pJ1qGe3Zs6pIih"
    "Ag1+TsSBDsF+azRcr8SiQsNzpqC4dFxXm70xqt288EiNZpeQFFH1gIUSAaBNdkvBaRmnsm"
    "IjTOolqTeCNHdZGiYl7jUZe3FRKSko90arCpZumltu5FCMVi13MhGUnGiI2RpWVcyT1Tkm"
    "QLmDXHyXPotcdZ/57t4+ap9WPI2PTTishUk0gTrdMS4CsWbTBK5o5fA6NkJ2cxRslOztgn"
    "RXKfj46BcUeMO7rE4ieJO/4e01BxVZPG2Mj3PMmQOH+0tPecXtrtjS4R9mKuY/vvEyFP4w"
    "j08U7JuXmaAe7ZV3ts2VfNxQArXkpII+zihM8I0P2O7neH3e+IGTh9bzaMcAzVJZoXM5Qb"
    "8/qHOWrI0QXusrwx1PE85Fzyo3fRRmpIEce4B44xH3joYKlX6AZkUR7NWoc410Nt7n7ze5"
    "ynGd4LfKKm60mMrAufC0TDY/Sry3f7OFIv3zV7UmGsVFI5DmY8CPrVVC7R4kHs8kE8pfrL"
    "6CnpMi1K+jwk3a3gYJlueFvoaSCYhm1epG2SOqRxc1XNCuEQGN72IR2ruqYzUCqtb0Q0uK"
    "gFUiVjo3YYVW7WThDVl5BlJdrFDHo+E8l99p6MuZ+l3kv9HHqITISaj8g4mT+2FfaSeu6v"
    "YAKj03kVSXWCewCc6ovtHzOLOAv9F9KsSaDPtZ9DQNlR4nN/W9hAz5nNiM+mmsAfEREmDX"
    "CAbyx6YZ7nayhiBY1wrsmYhnKtHyd71NxvKTyAKWxA9XVLWaieQMb/FDw0hx2s8zXMU+rf"
    "O9NSMmNwPWnXXbkBTLJ3sVzRdBV/L9RDSJZXLFrIl+TPwLqxHzOzvn5uKSCJD8ru86SYAv"
    "FBKIWC/SNiSr8BoA2KPBjwmI9IMXe82YgUOzmLsTL/6ZweiL07FVKMd6vxls4fYHh2H99G"
    "s2ej4tcQcNx1fF3zNPiqIqjxcUGNmc7Z1TlTIMQot9OumcR06Oxp3ZKh681l+UZsCj1S+0"
    "W1C6T4ITstaAR+nVzjSFw5Hey4HAXGrqtm3Cyg951QuBkBonDPB4Xr2kv8GGCBrpEXDLkc"
    "0tDMuqe76jdbKlRhXdZskvBBDwkXKVHKrknZnbBpHBZjTcWR0Y6QaTpnZ8D0b2kpCOgzxm"
    "gUMp/QmWIRlGIYkbXpQ8bz1SIgdJkrqz6FQCf86mqg9Ihr23oTJj/VmwZ0DQAMfR1qRkyD"
    "GBqwGYIJMyRCj18TC3W3gdKZiO75St/BrkGSohTSRAoxDOiObYNhwJOzuFgjWd+lI0+LVM"
    "hUN3C5rjHzEYC5ETMtODsZjnmaAfL5VEhzrU/09NgWSNFj65zGi675ZyjotHqal+GZq/K+"
    "FSJgNGwIXNcuUJK6VhSCYQn69suXTwUZ334sO4N++/n2gz7JjHD1JK6sP74KGKoYMzUi2F"
    "msp0w/JGzWI5c4SRgKtmMvSaSEKIJDRZAa673EkCdGURwqisSH0ksSOVoUxKGCiJhB0aue"
    "siiSozh6i2NKZa9KZEU6FEB/AYhQQeOmuWZonQhCGm0aRFCiLGurG2XraZ2ZGNo4moTfM3"
    "VVW/m3Hz/f/PKP+tjmbU24/vYfdx9uKjKIQ6gaJOIaO7HVbihR9jMYHifmdfG3uYkEQIRC"
    "CfGQ79oKOVGQzrTeJi/pORD3IUpbRfLa3C/JQLI+EJvyNWH6GrNJTxD2eGBLBZEQPp1DUl"
    "clhvLYFopT8a9PPGQXjTEwMzraHQfzgnTiXtmDMPuFNKXG35P7SEgJYaLUjzUCqUMOWUhg"
    "R8+1BrZxJbUjJHaSO2DoyokQAIauTs7isk+6c0nuHBGyFKOBj9PO0Qtj+JSrXG20FkpUQz"
    "IXjgbVNSdnH1OsRDgk5qIx/LwEgFX+H5HxzthGsMZFrV1kRkbtNlE2Z3dHKlhfjo0FMs6N"
    "wSVtxE42JBBTGrBy5yguwXoxNkua3a7tnbQcfE1rqtPcx2AGA7H21vptjrJyJ/ZYBStrCZ"
    "4Kn5hC6iRgM9OlytritqYK3D0UimvJ+NfGkjcm/pqrOaG5BlhJ3ZekAZVeUj+ysdOyhlVh"
    "sHlJwPjTt6Xp5RcyXREiFjK3YNIQKymYsp0u1mHqLYBng95X+m5jmO4lTMy4haahO/pgs2"
    "mIdSNOVRNddKsbkc4fICjs+PVztcVX87Y2MzedP0DmHr/KgdnIq9xtzkHMCDAH8YAcxLzi"
    "0YX7ZToUwgFCADZ5fayaEiGaNr1tSrFkobeiQVxzfLbG9oqEiAXcHwuI/c2e+qXnC21se3"
    "EUVPnfnCJdIMIs6e5Z0nqz4L4HgfEq29vh5kVKzKN1GWxuZWXKr/YTc0aKcnZZzvoY4ot4"
    "4QECpotxWKYbwk568gY2LPISgEDAF7wGhtXs/68hHZDicLyKrsY77DX05WzVhMukqAvvrw"
    "tnDvsOr3SBBt/lmnc5C1R08jEXqLCFPfYQe7QXdhvR6uKKK1Id5IhzjL9PUJCNr7o6gLZE"
    "eODtf+Bh894+AjgL68gpxMivSkwfLhphI3Z4tBs74sls5n7VpXgCrjDQhwTwkKDYQxLFps"
    "HMtWmjA8AKyKzQ08SamPJQek4oVENtqWOtfABKIuFJVxxyjggxE10xExFb6DvUdhhtc5YX"
    "yDBAdJbYtzhgt7GvP9PajWw72r6P6XneZDtx5zZ2Y3O8WDQCwJmNMr7fNuWC9ch9RCGzDS"
    "aMlyziwh+PSMhUrpzd77FQDDBfkkUrVt3TTnMbA4NTQtEgg8At9PeWtvfaEFtqO2sDRoMA"
    "ShlADpIUmiPRwVukfu4u/sB0/nHAIru3xLNzAyKa7PGNffOpdXmLtxRDBD3tU2XsVXORsV"
    "eVGmNmg+p2nmckeJb3jnvHsmtBiZQCmX6OCtQdZ5Hes0LzuysKVG60VYFSpvLXduIeChS0"
    "J7XqxcTaYTYEBW1G9WKJlpPUAk5amRLo2glazVybbEZtMSRpT9TJRs+vU6JOdStQpHKrG/"
    "3pgbGl1alg7REkcoMlGmoDT79uc/1PbsoMjwGqYCKcSZqDEvZfiNJ357jHBO5H1KiyD6KL"
    "UlUgGqBedXygQLLPdGFyjgRZvAeL2WzGTOSjhwu/TItOfOec+Fgg91kKur5fUlth8YP6Jb"
    "kmzFNvmjxcxnWwiebg/pYCM2wOiOxjV8ahF9I5H+hKB57+E8I1vVo/5wnx1HX61LU9ojob"
    "LCUyPH/3OH97pWNgIsZZfEZUSn7f50OqEGIqxu4vKWNar0+qSo3fltPfFnYqPm2zqVCoGr"
    "RIcxJuOn8I7H2M/FuXApER83ktkis3OtodiNxO3A+QCoDQmZ5WV7l7RBK0FUywFbeIaZ0Q"
    "NoFQD1kNA39OmJkY+Ds5i9E7ckqemswbrjYdmVoiQ66WKuFMTS3JPl6nEin6nZxW6jGs90"
    "wELZcs9PsUWioRIvixN+I0Oci7ZEznSYbE+aNlS4f8ft4pB31LgPzEsurubA5TsVgGDHKa"
    "e2wT9cRDksZBL7hDjp87k7nR4Pe5S9M6drh9svSP3V6fuzkjMl5kHdtykHBwzEjruil4bp"
    "IWbZAonKp4afO2sZpHIr6fj6sOoVPe6ABfkVtejOfhOUpk19WeyJGhLYG2xLkI1jVboo3/"
    "Q9UOHpn5TUZHG+uHaXdg06fnwfh9rJPWtmeDN1CeUSJtREM5M2p41YpJx9qNmPys3b24fB"
    "4xoxKbKh5ffrsz3aUhtgzNoyKTVfrxc3ZRT2Zwvabb1iErYcDacbPDLVPPXXOjS+0PLKpy"
    "GsZmG1GVq814ugLRAKHeV3tA6q4aAXVXZThdUlEKis52fH2rlPgCoybuhiaOINHHa9KC9W"
    "l7ieIc3JmO2FI3LOLT+UWNJZWMjNrsKLqds8uKahbske2axt2/9iCt2fmTPecwe8bxgOSo"
    "xYxJMoy7KIY5kgGqhZevX++Ta/H6dXOuBYyVYKP6o+rA4WT6ALn7aq9MllctmSyvqpks+o"
    "6KhTWnZnONgxwJFjnoWOTgSQ+zf/1/5ktUVw=="
)
