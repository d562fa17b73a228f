from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "code_reveal" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "redemption_id" UUID NOT NULL,
            "actor" VARCHAR(200) NOT NULL,
            "revealed_at" TIMESTAMPTZ NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "code_reveal" IS 'Who was shown the codes of a redemption, and when that was first.';
        ALTER TABLE "code_reveal"
            ADD CONSTRAINT code_reveal_redemption FOREIGN KEY (member_id, redemption_id) REFERENCES redemption (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT code_reveal_once UNIQUE (member_id, redemption_id, actor);
        INSERT INTO "code_reveal" (member_id, id, redemption_id, actor, revealed_at)
            SELECT r.member_id, gen_random_uuid(), r.id, e.actor, e.recorded_at
            FROM redemption r JOIN ledger_entry e ON e.member_id = r.member_id AND e.redemption_id = r.id AND e.kind IN ('REDEEM', 'CAPTURE')
            WHERE jsonb_array_length(r.codes) > 0;
        ALTER TABLE "lookup"
            DROP CONSTRAINT lookup_scope,
            ADD CONSTRAINT lookup_scope CHECK (scope IN ('reference', 'email', 'phone', 'referral_code', 'booking', 'activity', 'fulfilment'));
        ALTER TABLE "reward"
            ADD COLUMN "partner_units" INT,
            ADD COLUMN "unit_names" JSONB;
        UPDATE "reward" SET partner_units = 1, unit_names = names WHERE kind = 'PARTNER';
        ALTER TABLE "reward"
            ADD CONSTRAINT reward_partner_units CHECK (partner_units BETWEEN 1 AND 10000000),
            ADD CONSTRAINT reward_units_of_a_partner CHECK ((kind = 'PARTNER') = (partner_units IS NOT NULL) AND (partner_units IS NULL) = (unit_names IS NULL));
        ALTER TABLE "redemption"
            ADD COLUMN "partner_account" VARCHAR(64),
            ADD COLUMN "partner_units" INT,
            ADD COLUMN "reference" VARCHAR(128),
            DROP CONSTRAINT redemption_cancelled,
            ADD CONSTRAINT redemption_cancelled CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL) AND CASE status WHEN 'CANCELLED' THEN cancelled_at IS NOT NULL WHEN 'RELEASED' THEN true ELSE cancelled_at IS NULL END),
            ADD CONSTRAINT redemption_partner_units CHECK (partner_units > 0),
            ADD CONSTRAINT redemption_account_for_units CHECK (partner_account IS NULL OR partner_units IS NOT NULL),
            ADD CONSTRAINT redemption_reference CHECK (reference IS NULL OR fulfilled_at IS NOT NULL),
            ADD CONSTRAINT redemption_settled CHECK (partner_units IS NULL OR ((status = 'FULFILLED') = (fulfilled_at IS NOT NULL) AND (fulfilled_at IS NULL) = (reference IS NULL)));
        UPDATE "redemption" SET cancelled_at = released_at, cancelled_by = e.actor, cancel_reason = e.reason
            FROM ledger_entry e WHERE e.member_id = redemption.member_id AND e.redemption_id = redemption.id AND e.kind = 'RELEASE'
            AND redemption.status = 'RELEASED' AND redemption.released_at < redemption.hold_expires_at;"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        UPDATE "redemption" SET cancelled_at = NULL, cancelled_by = NULL, cancel_reason = NULL WHERE status = 'RELEASED';
        ALTER TABLE "redemption"
            DROP CONSTRAINT redemption_cancelled,
            ADD CONSTRAINT redemption_cancelled CHECK ((status = 'CANCELLED') = (cancelled_at IS NOT NULL) AND (cancelled_at IS NULL) = (cancelled_by IS NULL)),
            DROP COLUMN "partner_account",
            DROP COLUMN "partner_units",
            DROP COLUMN "reference";
        ALTER TABLE "reward" DROP COLUMN "partner_units", DROP COLUMN "unit_names";
        DELETE FROM "lookup" WHERE scope = 'fulfilment';
        ALTER TABLE "lookup"
            DROP CONSTRAINT lookup_scope,
            ADD CONSTRAINT lookup_scope CHECK (scope IN ('reference', 'email', 'phone', 'referral_code', 'booking', 'activity'));
        DROP TABLE "code_reveal";"""


MODELS_STATE = (
    "eJztXWuT2zaW/SsofXGmSuNKum0n697aqu7EM/GO7U4lnXmttyiIhFrYpgCFAFvWzua/Ly74EN8S"
    "qUdT7PthJm0CB6TuJYH7OLj412ghPearl9euK0OhR2/Jv0aCLpj5o9g0JiO6XG4a4IKmU9/2pZlO"
    "U6UD6sJYM+orZi55TLkBX2ouBXS+FYwEckWWLCALtpiy4C3Rc0Z86T4QOSPskQVrsgq4NmAqPLKa"
    "U00oCRj1iGDMU+YK9xkRUs+5uCdcES9kL+HunnTN7c3FY97os/gsfpJcaEVowEwfCX1CuIEak/9l"
    "gSTS3FEG7CWZCPZFOwblUD2BAeABGA18zpQmXChNhbmnhju5889C8wUj1Jfm0d05FffMIhZXZOJT"
    "pZ05VfOJHWMOD2l+BPwd/bgXCiBc2J8mjBSYsjIJBf/N3F/Le2Y6B0Yy//Xf5jIXHvvCVPLP5YMz"
    "48z38u+AHdjhHoxjmx29XtqmX399/8OfLADEPnVc6YcLUQIt13ouRYoKQ+69BCi03TPBAqqZl3lX"
    "ROj78VuVXIqe31zQQcjSB/c2Fzw2o6EPb9zo32ehcOFFI/ZO8H+v/iN+wkw3x/l0e+f88u7OcUal"
    "FxQeofAqxZdcKeDlBs2DmH6Pxt3IxV4dwQ2+//H6568u3/zBikAqfR/YRiu10e8WSDWNoFYFG5kv"
    "A3kf0MWCtRR7EXdIyScXNqLffNuJUBOx9UzQGcEy4cFdSjK94ffvha6R6gZUECiP5rszE6V5XvOf"
    "P/7bxcXl5bcXX1+++e71q2+/ff3d19+ZvvaJy03fNsj/5v2f33+6gweSZtaPVgO4kBc9faQ8kkgr"
    "4edgKP7O4p/Hwt1d8gkChd5Z6HLFWgo9QaDQOwtdMfPjhdtynsmiUPidhZ9aqFXSFzRYV0s/ByuI"
    "f7rWTJ2hAppk+eH2BkZeKPWbDxf+ev3zzftP1z//46uP13+3hsxiHTd9uP3056R/1rq5+cfdu+sq"
    "6QfMlYHHPONtlJXwg5Ef+BcNaijgC9rw4gFeJn/soJnYRj8Dxdy9//jul7vrjz/ltPPD9d07aLnI"
    "KSa5+lVkeW6+inQQ8rf3dz8S+Cf55+2nd0UNpv3u/jmCZ6Khlo6QK4d6WZkkl5NLZY2z2YwZj+eR"
    "dVV5cQDUeZ91ngkntNV2AYp67rOeNWdBWcHfz2lQrdykf0GrRjxnuHqOFvSL4zNxr+fmn29eNSjW"
    "LJ42BPDmVUFZn+KWC9v0e0m4juKVdmLzN5RHHuAT6pvoh/YNOaHQ3O+k5hSJM2XftAwB69lDJnwK"
    "F6bUfVjRwHNKLfJC1vUtNy0uFsUrVNB7qySQJjxnmhsxdhPX61Fl3iRuGzcnTjK9tmZOJisOiQjH"
    "5wseZRNsRzKTAYGMgYb8xYoqorQMmDeGRINgXpq/gByHomtIa6zL6ZKDj75H4qFd6BtTDd1SDf1K"
    "7/R3TmyTZMDszXEEayXRxiCO+6NBvINBHLAZC6rjpvUSzoEGKOZvLr7bQc6mV62gbVtR0ksZ6Ha+"
    "XRYzQDlffP31DnI2vWrlbNsK2RfXDYOgUyC0AEUnr3fmf/6D6hzxPnywGxV9PEVTbX7rNIzzQXk9"
    "/+cvt59qKAQ5VFHF3NXk/4jP1Tkm+RqUC/LI6TWZK9MUU2Ya/b4iwQQD3BSm1Kx7WJHhk9JnVFRr"
    "oQgtZvkMdlgKuLm9/ZBTwM37Qvr0068fb94Z88Fqw3TiuiarurRMwwqBN7GWUgymszuns5fS5+7a"
    "eWSBMs/b1p+rAqNTVxAx+7L0qaD25i0m9QIMZ/U9ZnVze81EF95GEYnUjXEL6kZfQti+L10ay6gc"
    "xN60jhvD2Pl+O20B0DJ058BVp8SXmkzXhArLW1+/JVwr4hoXjOuxafbYlGvylWD3FHgKfxgDvR5o"
    "+hCItnet5v4f/A4Y0O7F+oEB7VMu0fC9tJRoFoMCLfL0pG4pzg0ChYnO0dM5R30xWRZMeOZ/1dsV"
    "08ZmgyXXbau9cjdnZCrlg9HDC2XsCm26kSmbG5UTa0GY/8JGvOjVijLlxqC4p48sajPYso1ykFFh"
    "M+IkdjMnxG7DjDYZbkZOf6wis0AuyDcvyYSCHphn0/x22yOjxlYKQp+R+4Carp8FDGKhzEsGI1wQ"
    "Y+tdGbyx+FZUuExthrDhHdMZRlFkTj3is5m2/AGuX5J4y+RqLhWLNjr+UYaaLOSjwUCEyD620cQj"
    "8wkEXU1fFpgr9IEJ+4PvjW1m/ro37/5bMonE4gSMKxWan4ImWn9maDTRTrgIxh9nS5nmUSjUglDj"
    "KbUs0Vq7IoMYkmFx8c2rb199d/nmVWpPpFeazIhyPBVJBkgyGBbJILaOOqSe80jMPPc684wUg2ei"
    "aOuCOQsuZMXU2RRSKACHtPyfOOnqUjXvooE8DhWwnwKi0kOd9VCEozr2ICFggPMJBe/EcbIuCshi"
    "URH7KiIJ83XSRBaMqthXFa5PV8akhWh+J20U8KiQfRXSvtRQAYgq2FcFMxnY7EQnNWTBqIp9VcG+"
    "LHnQ8YPIYFERB1iyob6p7r5oZ+Cojs7qqLVhG7ZN1JquyK5924Jdu0mTt5J+DoUK2EMByDB/chUg"
    "w/x5M8wT9tEHLtioibJlO4x3om05ftJ3J6459CZUAXuKK2LrNwEXPB3uKsMm0iFUNZkQ17QSEAEw"
    "yC2/aUm5l7CZRgVNH/E2SGk6xZeHlKanF3Ehs24/9HZSLeJQsMgVQ67Y+XHFYCV1oiNVWki1gELJ"
    "VsVmAumFbgWRpZ4aloEMkBl2+GpKdAEs/C7Z8yJySG8wEkmelwKijRwO7DgpawBYczVUqjysiTG3"
    "gyrOp+4qEOCqJahlB/lFoOcsPawX9MRxP6QuPXX6LYoxdUy+bcCoirPcJgtDjKrirbZh3BhnTbts"
    "Da8WD8K8IpNMAcX0yMuZGeSFGhMlo32sNNotmmxYna4rg6qHHBw2yl6TgM1C2DpLH5gy/ZPYK+xr"
    "tWeFypktDSJXYkymzDdX4DzPq1wYl1DPU1AhxI6CMdr+hGQwRnt0EWe2xYR+u618cX+MIewQQ0Dj"
    "6amObcTCwc9js9cTZ0LOx7duk7aLjzNpm7XLw1CqpY3zxmZtKdMcCCXau/TyYOTaE3f3JpqYRxUO"
    "b9I0bnJ5p5lOW53e60XkWYJjanMFxOgR3MYZmVgbQLjriXFWN8mE1Fdd0kDDkUkRzcf4nZHVVvZ9"
    "j3QP9FR78M2M0VM95XSPhzIdzzLBkj5Y0udp5HyUkj5gBnRy/nNAdP177fpjQZ9noujETm4za2Yx"
    "A5w1L3eYMy9rZ8zLUpyarq0/vDDehKwwrhpYhSVkJ2n3zI8++tHlWKLqqTMEyCzsBb8Fc2N4Ilaf"
    "VHIYj1oJulRzWWGX1nMWsxhkLOJm8XNWAW4Wf5rN4nn32GML+6Ctc44FIObH+pYfq9uEn20e75An"
    "a7EB/zrdFz/jgdIkDkt6V9F298zpJAvqsYiBSZSmwlOQu9JzZmAV+bGDDYspsR58JmNMieE+8DMX"
    "ausNy7hXGfcq417lPokbI4rPUQG4V7nVkoh7lXGv8pOJD/cqD2nmRSb24CJN35v//MweGfVHFYGm"
    "TOu4Kc7kmktOsOm4Ncz0t7kkK6qImsuVDe8QGMLypSnZRCajY3VXcyaivcKrJIBUjjAdZEQMLvXg"
    "yxhjcOm0tOAeJBCGKVozBVZ5ifUBkRQwwHDIURjA0ZrTkRyagyI5tHfk0N6YSIulz2LhV5hIaesW"
    "EynXb9dE3MZI8W2ZE6XpmsE2sTEJFfMMPJALMHcEMes6bDmLPB3iUkGmjKilMbtr83GHGx0tp16s"
    "PWg5nXB5x7TcEYSKxYSPlaCLV6BOxlIRi9ZS76wl3DP1LBWNO02P5Wf2xv0Il1JAJHZU6X6krVvc"
    "D+jnuEnHHfyPCPJC2UDqmPBFRNmDWoqWpBedehMFVCHeuokHRX4Fj1wLe1gm0bLKCTn0LaBs5CQ1"
    "WicWN8nFqSZRfUpuXvtQw/iM3wvywNbqLaHGrdHUl/chs+UlBXtkwWfzThsvB2pIQtnJaPAXyEXs"
    "kfFY7/RgLYmjBY3txNY2YJwBoUhL5rnXqjJH0n+AS/hRinLA6bRhBWugXsIbxBBl/GYXERdt24yE"
    "3xQF/KQRpsHwAnqXmhukZBNLs4ODXICig9xrB/mR+txzQqG531bRBegBFH0+n9LZ6ZkrFXb7nLNA"
    "1HGfdQwpyQ4azsBQv73X77RV/acMZHgFiY7CmHmUvFtiIAfED6lvH1JPotXvwfGQGmqy/YWtRxUR"
    "60KPcVPUmm/6Og9x522R63qN7xGujW++67QUdz9M2GB7qPYcAzMYtD19hJH6frtU4QYxwAjYUZZX"
    "uQSBVNYkqhdzDjRASR9+JzQXy1A7ak4vXr8pS7qp8lARiZWHsuZLu8pDCn5CSfr1eyA3iL32P56P"
    "5XicqlsBox1ZXDkkRi7RiK824j8w754F74QOKi34bHOj+e7bjg5Le+7AOjFi5Jo/MhKxOWH/Xsw5"
    "X8hH5kWMdCkYmYbuA9NES0KFBHv+KiJsEHdOhflZhM40C0AYlfWojnIfyz+ZSyPjKG6cHvLCvrh+"
    "qOB2XEBZK02AeD/n7pxQ8uPthx+Ix5l6Se7ggFQZBmTyObz4+uKNYwefkOgbVp8FsFdgwISHQqbU"
    "p8Jl5g8255YmY25pJX5FJlBezz7DLz9e/9EseETCg+fwy4A9chmaoaFzzLRJhrBEGcv7N4agdK2N"
    "omwfX+IRNX2y8pH4f0JHSjHzYyoPUmkqQZBFDYmgfuIiBA/m17aKxcT9B+hXHZ7DAaueE614bWRc"
    "gKGodxC1Mf3aCzoHQjHvIGYsFvNE8zSbzRgcFcs6OKpFLLqqvXNVcbvRM1Q0bISAvavWK205pxah"
    "OLV2nlrpI+VWIl0UUQFGVXRWxRyAHbSQx6ECOitArlgnBeRxqIDOCnjiKgjnkwxqVziKP3K9bltn"
    "MQ9DqeJ2ipMdLR2K9tsBMyCUKJZaPYVczYBCzVrnQwowlGrBCt6kPNsGAApQJBb32f/HgpbHL2hJ"
    "VRV58I59qXFkNogh7IBo+lre/f0u96GUyFQ5GlvSvciwKsxcrY8uxCMLuxAH+8JsMm5nuBxVkZqi"
    "lnEjn2nTZ4cK51QTuIeyLCKoJyNn9s+IWwHH2lGSctbf2irlxsIAhgAUvCFmWjYyVGMoS2Mepari"
    "+YHvAOylaxJ75nGBHRjbX5MHAVXVp+toDGO2Q4meTUnTqLNrniU+3898JETI5EHWbO8ioY/UD1uV"
    "x0gBg9uE8WandedNw7rzJll3cBPG6blDrly2epFTwABNKCxC0v8X1qwrbQM7KQJl2SPLR1ebPXqb"
    "zaN3M3hujeHhBszjOj5iJTIffDbT0Xm+ZQtmO8QSqjMZS23ZzPDTgD3tR1zomLcN1Og4y3xFJuzL"
    "khtFJJANARvuBAN8FlBdMMZa+yWidUfAl1A3cGHUb0ZLWdwqXMBzwZ9GLC9yrOiX5Kfo3p9FwiOn"
    "OjSPZIwmA1go5j8aS83cZhI12EcbE26POjY3UEyPo1LrlnQd9/KczA9BwnVfPuom0wkJ1wdfg5DE"
    "90TJ3XQObCf7HAzF351DSQPRiVaXAyKprt9B9Yx501bPRSymT/qs6Y0p1/p7ziFRy33W8lL63F07"
    "xpdQ7akmlWC0B4vblELz9K0SkRvEAMNoh6+vgaS+w7+0T3eyUc/EeeiDjTbxlLbLah6Jy2qfl9Vy"
    "PKybtosjoNbPQutQjqJtTK0Ci4tSbzISH23Ic1SRlIhbxk15icWmz06nzW+KnhCu3hII9ZtXAYgO"
    "S2NrS0F9OP0UzvmZsyDKEnBBJhHlYzIm5gW1DeY5KrkYR7jDHpH+fsWgn0fcHykTx9tdELGW2jh8"
    "OdAAfb6jnJFj/9tCyEn/ITBPT0DuhaxIBUG+Xr4pYIACfr1L0ML0qhfw61LYYmmE1OoFTgHDE/Dl"
    "xQ7yvbyoFS80FYJCPNBzj1ZUwga/qyYklME0eVrnJ+0G6YLnVCM7J64a6PAKkn9tEKgGjcGgcjAI"
    "CDl+qzlggxiimXD4gkqBnPEqCdfX/c1A9ir82zdRN4j2KJV/8QjDI7/b/yN5N75FDoh8i16HFK1n"
    "GFDfaXviagmI39QO31QktZqTnRqrA2RhGLftTdz2NtRT+eXdIxOVjPJs87gpgittR4elPZ/kZB/k"
    "RCMn+mxmgIIdjuHmo5QIkUvutrELUsAA7YHDU4uWdO1LWvHKNviPGwj6j3v4j1indcAuTk+sw59o"
    "8MC8P0V2XMk4zLQ22oZL28+ZJR13ODhmS12CKZvJgNmzTGKa4piY+/ucwcZDlnSVC1Z5XMyBR9/D"
    "YO1LNrRHFRHwWMreTZkt7K2ENdzpxa4ED9AOO0q6H49SOWLcS8VhjV2N3KQ/Wrh7WbhLGVTWgm5a"
    "GzeYAb7ZRypT5zL+2NWTyELRk0BPotaT0KKaIJw0bfMh0k4YWh5saBnt8mMdF98yPTrgrOjho6An"
    "Zdr2W7hHMVDwkGw0T05invyFVZ6RnWndxUhxHtjOJ2RDxTTjK3Lqv4VqZJQoZi5pYoaIirUmhz1z"
    "Za4t9RVUgQ2nPndtl7g0awSqCnUedHxbwM2WsFQTW6FNMfOT4WOBwmhqSV2mqgeIJXOMmmf102yl"
    "KXD+AdJDccHRCjt9mj+eIFqKNYdC8lRhH4545IEUi8oIXcNunDxsgKbYMaKgsAw4ak7NilEWdlOh"
    "/RK0Y8X983mFD1lwv1Rzuh1vPEUM8C1Hh6M3b/xZOBz5wPejfOgY984isepI37TcF7fSFoD7a1T/"
    "bVTlWeY6jBudy1wxud38y8nm7PVZIBebettQLZuSeKyIz2LP7iLQzRa/mLJ7LqDqqy2SDW9zybs8"
    "+OgYnu+FbY2O4cmdmMxXnZdp7S7iDGJINZkPtnU4Pze1Xd/LaFzj+7bGZ7Vtfm1YHQGo5+hkMcjT"
    "2YOnI6SuSH/VH3KY9B+EN9r0FR3jjEMbW1fzmi2YDcVRCrhBCP8EoYCN3Np7iUUshgN6t4j0xVFM"
    "DORRlZOYNo4bHcRcNyRJDdYLe1ouT48yoYdn8ri+dB8cOZspSFYwc3ev5UlFdSMMyUk78cE5GI3H"
    "5fe4y+/PzGOLRPil9TfT2rgAB/l+26Oz0almNm5qj0tcUUU0fWDCnvbs+1dkspKBnjsLLmQwic9U"
    "1GQartUY+tjrxLyMumKf42GHt9yfhIlAXVeGIjqMMamH/NbgpWIkboPDEe15jhGEGGNCkXQAO+Yk"
    "fg4z9iTd8rV53CzaPIYK7RbMgLgGouzuTKMBDoWZMXh8DmYLlg3BsiHnItiA2UWl5VHJWRDStLDc"
    "4WlLeeKxqk/jnvwWUqG5rojG1so9CxmS5A+WvcvYpe3e6AJwQEWVT+10hwHY461yDFnMAOfsy114"
    "9/W0+1KsyXiQFfN1fcIyBWC2co9spXHJqyaV+rc6BQzwlT5OygzPTD36dl4MiQ41JJpVM7Am9zgj"
    "sQKONKY+6ztgPqOqIyM9B0U991nPhTh6G2ukAjq8446OUag2k3ho4amXcAPyKA/mrUOeCwr3tXmP"
    "s5jhvcBHqtP1JMVCey3oo5RSnIX+jPt+p3W4iMWFuM8LsUvNl9FR00Usavo8NN2ON13EDW8KPc4O"
    "ais2JzA+SdW2pvrNASXgEAR+ik0CvaFSQW31USWNyraMmylUaZ8dDoKPOU1CasJoIJhH6EyzADhF"
    "YxKdv86ztCfYyzW2Z7WvNsXeza+uOgL+YGNHxCmbaHVcn65gJjHXgfzk+qH5TRFgyixEmvYrEsVs"
    "PDvcTAb3/NHcIRqDxOwqRTwpcNtsj6KzyHw6uojLdebbyTSPQqH2w8HsmzBP4GFiafOThUyMPdEx"
    "oJ6DYqas1+4dnob1TBSdbANwUse8rO8bKX1GRQ2ttHKAYjk6M8KwFH1ze/shp+Ob90VH8tePN+/M"
    "SmaVazpxHaVGSuH+sjNToYKtrNMifkg8yBNz9WKBgu/YSRMJEFWwrwoSZ72TGrJgVMW+qohjKJ00"
    "kcGiIvZVRMC4gL0cHXWRh6M6ujO6qepEqc/jUAHdFSCFZkI7cyPQKhXUV08uIjsWT+6bGpokesDq"
    "yb3KjHzggo1qsyO2dbw9Q+L4ScetaZJbwQj0fqHsbuq35D6QSkECIYlwjKEIJ9ewGxu+9SiLYXdf"
    "RxkHvSVZcpQ7YFKjF8FhTGocXcTFaGXrXccZEIoU80THFypM9o4I4VMuS7XWjiyghmRIHoxJa1fO"
    "LkZ6ATgk4aKb9LwUgIUMTij43vhGMMao0i+yLeNmnyjts73oFowPx9cZD2SSaYtPtJuuiS9d6rNi"
    "cSyuwHuxPktSPMf4O8mO94rqW8e5j2WT+XLlrMzbHHWfyxUxgl0bZ0r6zCN2m7i9ic9mGrhqgii5"
    "YFPprckiVMA1I1r6HhzVF4mOrLieE5qp8MU9O3ZcYSs64M96aWlFLuGvXxJw/eyxgvHlFyoZESLZ"
    "KjNgXPELjnvY1PUy3eVKAJ+Ou3P7yFDcy9xtAt2dWISprNAx7I81iIdEnH7TN57hfLwNgsbfq3hb"
    "64Wb9B+gcA9fm8pO5GXp1pc6SQFY6mSPUidZs6ON9Is4VMIeSgAxOV18mgIQHZvOHqVcMuE8Uj+s"
    "WD4buWJ5IHLEdueIYQG3p37p+cK42k4Y+GX51+++y4Fw513743nMZMG9TkeO5ZG4mbjPJORIV6HQ"
    "vOLr2kXNKRT13Gc9m2WIL8KFo3m7rTpF3BBm0qNX6GGBE9MDfL7gFds46qP/FdABGQ4Hyy5GAWKn"
    "pvBooyVchKItvLstnIbrW7zSOQy+yxXvcpqoaBVjzqGwRj8WSTvZC7vJaLUJxeVRewXieibfU8fh"
    "qD3PueWytwHhgrf7gofVibso4Cy8o17xRX7R0n0Y1ZJGoubxduaIo9Keu1Ud4iriVljqQ0x4iDns"
    "ggShIDLUV0QKZokV5h/QTa6ILRtk+gipa2oOHWrkPVgST3r20TPlTARsYe5QWUK1KVieg2GC6ByZ"
    "b3ecBd/PqbC/uzSRZVob5zFtCxpsOm6dxq5J1NsSsuBURcsAS06AhLJmHnO5xzwz15SnqtZoJG31"
    "fALC3TwH96YhldM6cpwDDZBbdPi4sTFQ2wo5A0ER7yBiNpsx6wh38OiKWPTpeufTYR2tZ6no6srM"
    "TfUH9yrJ3DdlHnvS5GIZVkXR62O9GwQSLvcI9OLxc0PfVX0+mYwtMu1TDCJgHtejuhhE1DreHoPY"
    "dNwtlAqhzJnpFtU1V0TLKOZpBlNjYjrAdjHoEO0VI7YYlKgLn+4zGsYoevBFjDFGgRP5ecvU5oy5"
    "XrcUagGGUi3s4XDtHugujmkBio5pzx1TjEA8C0WrJRNely1CBSDmPTvvEYoX8jZcvyxkSJI/GM9P"
    "8Pt5K/bkBoDyxHJASIqAkENAhZpZH7wcjkjaxo3BiGyv7UWBPB4w6x3bqje3v97BsWs2WAB1bAJb"
    "xef9p/Si6czgekXZn31GwghEL5wOjEAcXcRYLejogk0nojY5vhxogGm+yx2yfJe1Sb7L0im3EGVm"
    "Aex/afn6lpH4AqPh1w+vUEhdsU+mvmhE0n8Iu5xPXS8Ct8p0UsU5xLp64ktds4C781GFJxW3jJv8"
    "KLrps82Lqlfsgf2a2tm/ciGtmPnjOWc/f6b3IZR6NyZmt7QxDDOQAZqFF69f72AYml71Z89CWyEP"
    "aD6qFhKOuw9Qut/sdLLvNw0n+35TPtk3PhKpLOF6fl0GggS7lgS7J13Mfv9/g5bKgQ=="
)
