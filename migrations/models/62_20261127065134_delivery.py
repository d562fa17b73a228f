from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        SET LOCAL lock_timeout = '3s';

        ALTER TABLE "delivery_target" ADD "probe" UUID;

        CREATE TABLE "delivery" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "programme_id" UUID NOT NULL,
            "target" UUID NOT NULL,
            "event_id" UUID NOT NULL,
            "position" BIGINT NOT NULL,
            "status" VARCHAR(16) NOT NULL,
            "attempts" SMALLINT NOT NULL,
            "numbered_at" TIMESTAMPTZ NOT NULL,
            "waits_since" TIMESTAMPTZ NOT NULL,
            "due_at" TIMESTAMPTZ,
            "ended_at" TIMESTAMPTZ,
            PRIMARY KEY (member_id, id)
        );
        COMMENT ON TABLE "delivery" IS 'An event of a member (or of none: the programme''s id) for a target; instants are real ones.';
        ALTER TABLE "delivery"
            ADD CONSTRAINT delivery_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT delivery_to_target FOREIGN KEY (target) REFERENCES delivery_target (target) ON DELETE RESTRICT,
            ADD CONSTRAINT delivery_position CHECK (position > 0),
            ADD CONSTRAINT delivery_attempts CHECK (attempts >= 0),
            ADD CONSTRAINT delivery_status CHECK (status IN ('WAITING', 'DELIVERED', 'DEAD', 'CANCELLED', 'UNKNOWN')),
            ADD CONSTRAINT delivery_ended CHECK ((status = 'WAITING') = (due_at IS NOT NULL) AND (status = 'WAITING') = (ended_at IS NULL)),
            ADD CONSTRAINT delivery_finite CHECK (isfinite(numbered_at) AND isfinite(waits_since) AND isfinite(due_at) AND isfinite(ended_at));
        CREATE INDEX delivery_waiting ON delivery (member_id, target, position) WHERE status = 'WAITING';
        CREATE INDEX delivery_by_event ON delivery (member_id, event_id);
        CREATE INDEX delivery_by_target ON delivery (target, numbered_at, id);
        CREATE INDEX delivery_old ON delivery (numbered_at);

        CREATE TABLE "delivery_attempt" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "delivery_id" UUID NOT NULL,
            "at" TIMESTAMPTZ NOT NULL,
            "status" SMALLINT,
            "error" VARCHAR(500),
            "milliseconds" INT NOT NULL,
            "answer" VARCHAR(500),
            PRIMARY KEY (member_id, id)
        );
        COMMENT ON TABLE "delivery_attempt" IS 'One attempt at a delivery, and what came of it: a status, or why there is none.';
        ALTER TABLE "delivery_attempt"
            ADD CONSTRAINT delivery_attempt_delivery FOREIGN KEY (member_id, delivery_id) REFERENCES delivery (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT delivery_attempt_answered CHECK ((status IS NULL) = (error IS NOT NULL) AND (status IS NULL) = (answer IS NULL)),
            ADD CONSTRAINT delivery_attempt_milliseconds CHECK (milliseconds >= 0),
            ADD CONSTRAINT delivery_attempt_finite CHECK (isfinite(at));
        CREATE INDEX delivery_attempt_by_delivery ON delivery_attempt (member_id, delivery_id, at);

        CREATE TABLE "delivery_lane" (
            "member_id" UUID NOT NULL,
            "target" UUID NOT NULL,
            "programme_id" UUID NOT NULL,
            "due_at" TIMESTAMPTZ,
            "lease" UUID,
            "leased_until" TIMESTAMPTZ,
            PRIMARY KEY (member_id, target)
        );
        COMMENT ON TABLE "delivery_lane" IS 'The deliveries of a member to a target, one after the other: due at an instant, or with';
        ALTER TABLE "delivery_lane"
            ADD CONSTRAINT delivery_lane_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT delivery_lane_target FOREIGN KEY (target) REFERENCES delivery_target (target) ON DELETE RESTRICT,
            ADD CONSTRAINT delivery_lane_leased CHECK ((lease IS NULL) = (leased_until IS NULL)),
            ADD CONSTRAINT delivery_lane_finite CHECK (isfinite(due_at) AND isfinite(leased_until));
        CREATE INDEX delivery_lane_due ON delivery_lane (target, due_at) WHERE due_at IS NOT NULL;"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE IF EXISTS "delivery_attempt";
        DROP TABLE IF EXISTS "delivery_lane";
        DROP TABLE IF EXISTS "delivery";
        ALTER TABLE "delivery_target" DROP COLUMN "probe";"""


MODELS_STATE = (
    "eJztfXtz47aS71dB+Z9JqnRcmWey41u3yk7mbGZ3Hrkzzmaz17dESIQsrilAIUhptLvnu1"
    "80QFJ8W6AehumuOo+xiAbJbgLox6+7//tsIXwWyvPL6VQkPD57S/77jNMFU/+oXhqRM7pc"
    "bi/ADzGdhHosLQyayDiiU5hrRkPJ1E8+k9MoWMaB4DD4M2ckEmuyZBFZsMWERW9JPGckFN"
    "M7ImaErVi0IesoiBUx5T5Zz2lMKIkY9QlnzJfqlyBkhIt4HvBbEkjiJ+wc7u6Lqbq9+vGY"
    "N7rhN/w3EfBYEhoxNUbAmARuIEfkv1gkiFB3FBE7Jx5n3+KxohrT2IMJ4AEYjcKAyZgEXM"
    "aUq3vGcKfp/IbHwYIRGgr16NM55bdMUywuiBdSGY/nVM49PcccHlK9BPzbvNwzCSQB16/G"
    "FReY1I/qxQGL8nvPg9u54ocao992Sw5PxZk/IjP18BSYFgifKKkGIdFTjPW/Pc0pRXbDb5"
    "Wc1cPOYkUcxIaF2bzqvWYzQqUMbtWkF+kMEVsFbF1lB7AofZVAPQb3pZZlwoO/1MBY3DJ1"
    "JVIS/b//T/0ccJ99YzL7c3k3ngUs9Mvfrn6jceDDPPryON4s9aXff3//y981AXwuk/FUhM"
    "mC14iWm3gueE6VJIF/DqRw7ZZxFtGY+YVvnCdhmK6G7Cfz/OqHOEpY/uD+9gefzWgSwko5"
    "+1+zhE9hgRB9J/ifV/87fcLCsPH40+fr8dd31+PxWW1hwSNUlkD601RwWJTwxQKb/mHm3f"
    "JF/3oGN/j518sv3718871mgZDxbaQvaq6d/UMT0pgaUi2CLc+XkVAfxGLBLNlepTsk57Mf"
    "tqzf7kkZUzO2OcboAmPVioC71Hh6Fdy+53ELV7dEFYYGZp9+ZKxUz6v+72//9OLFy5c/vv"
    "jh5ZufXr/68cfXP/3wkxqrn7h+6ccO/l+9/+f3n67hgYTaxcwpBj+UWU9XNDAcsWJ+iQzZ"
    "35v985S5u3M+o0Cm92a6WDNLpmcUyPTeTJdMvTyfWu4zRSpkfm/m55p1E/c5jTbN3C+RVd"
    "g/2cRMPkIBdPHyw+crmHkh5V8h/PBvl1+u3n+6/PLndx8v/10rMotNeunD50//nI0vajdX"
    "f16/u2zifsSmIvKZr8yCuhB+UfwDu6hDDBX6ijT8dILz7B87SCbV0R+BYK7ff3z39fry42"
    "8l6fxyef0OrrwoCSb79TujeW5XRT4J+eP99a8E/iT/8fnTu6oE83HX/3EGz0STWIy5WI+p"
    "X+RJ9nP2U13ibDZjyuJZsb4ir06AMndZ5gU3iK20K6QoZ5flDG6euoB/ntOoWbjZ+IpUFX"
    "se4el5tqDfxiHjt/Fc/fnmVYdg1eGpXQBvXlWE9Sm98kJf+keNuWMZNOqJ3WuoTHmAJeQa"
    "64e2hoyztZeYc0rcKZ2XsvG5226YBTLcN3fdN3W0Yo9lVaHHxeX84sqiT9bLq0jYa4E5Jt"
    "mTrK+MaXsssfoUuMqcX2WlmG4vsddmQKk/Aqn3dtg10aPEXZM4YCtmd4VIP/wwodO7NY38"
    "ce2KeCHaxtYvLV4sqr9QTm+1kICb8Jw5/CgOVkG8OWuEJqXXRt3YpMKoe8FJ3joArM84DB"
    "aBQajogRoUA6CcGMAtayqJjEUEaBmjiucQIcDASLoB5NCmjkg66OyA7bkkSi3lGXqG5FgK"
    "MqcGWxOxpYgAoOPJjYzZwjsnXsRALgbI403UqprBwwCUaarYJzMMzw0PYnIbrNQvASfLEM"
    "A+6tJSI58uFGUkktt5PJ5sciTPTPHWvER6UeOCQKQpqsinm32xPXboEkTz9EPzuIWgcncv"
    "t8HxIEDqOIzVnKgxtMPGS8ej72QH2y5iMxY1QxPaOVwiGiCbn7/4aQc+q1GtjNbXqpw2R7"
    "Udo7c0A+Tzix9+2IHPalQrn/W1CsBpOk2iqJfpUiHFOIpzZkt5QfW2UQ9vnqKgjydoGqt3"
    "nSQp5Kos53/5+vlTC0q3RFUVcaAsmf8hYSAfI46uQ7jAj5Jcs70yR3EVttGfGzBcMMFVZU"
    "stmrV1EVwJETLKm6VQJa0C6RTtsARw9fnzh5IArt5XEIqffv949U6pD1oaalAQ65/rwEVj"
    "ijcwvCsxIKdBxGhvxOhShMF0M16xSKrntbXnmojRqKuwmH1bhpRTfXOLTb1Chrv6Hru6un"
    "3MeB9odJUS0dFFnckGHW18tXYmYUaBoev73Rup+9uGwQUS5PAOHM7DBDaHZJlqj9PRMW73"
    "PxwdC8hdxjFbLNNPqCUwl48Z7RKgU7Z2Yfi9kbpfxZqImTpmCFX/SefQwbPUKeYTwXVUyq"
    "cbHX7SKfYk0Mnp3JcmJBWGRChVLE0+12ZIPW53xHtBFO99LIkX+HkYLbvDM3lOrucsYnCB"
    "6loGs0gs9BjJ1JflE10vQHAMqrmyTEcYVDulmVDcMywStAtUaAbvlzjZM30LHauOOlYd0z"
    "O+QJUeScMuPSMfs5ueERWH36tn/KGLAhWO/VAxeUS+vPu3d1++vvtlBLV+bkVM4LXh56/X"
    "n7/Az4FSCJKIa5SNKQ6ktAR9fD+vKxjHuImu/WPcfQbdo5aaVP9L75QeIxINGgqghhEIS5"
    "pbAJhIzUBv1ed8Tv7I4EiGBv41DelaDYDnuOHf6VI/SjeBCgCELgTUSIq/1yWEADjE9aRz"
    "6hP2bRmoR9PgIyoF16qOHkImG1MsyNQPkolSm+gNz2SkMVL65YW/K+aI8g0RoAGhVuTOkY"
    "1a0Sm1omyrs2NqhQzZWmGr2WHrHG3VM7cEQ9IyXzx/9eOrn16+eZUrl/kvXTplXX+8U+9h"
    "43nLxg8Q6fL8zS6AoqouWMATvan63TA4+GDBQbj/2GhKY9CU+gihSo8C2Vcg9oWtKoQogn"
    "1FkNkFvcRQJEZR7CuK1CLrJYkCLQqityAQnjhgL1rFGhNWqO6cYICK7lEg3capVGfxNfvW"
    "spNtKYYQw+9aLe/+/bq0UGrIoBIuJRtehQthTH/IMf0wFFOavnbdy769Our0r5fH7dQHIB"
    "bg7xUzQkkI7u0NOMGheP3mrfZNT5WaoUvLE59Ngph8x9kthaJ/32vXMtTqh1RZfdfmBgAH"
    "vwP6kx1YOCP0J58UjAvrxZKjRRpkaDVyLmJLdm4pkJno6Xw4C9YVlWXBuK/+29yzKL/Yrb"
    "CUht2rr1zPGZkIcafk8EwqvSJWwyrdb3QNDtMZSEekoYAGXTFzTZHWVZRDTKoD/Wk6iUd0"
    "JyYTGt9OnL+qzNABxNNxf2ZQhzqQz6jSlKIkZAYHIG+4BiMCKYT8zWQAOVCa3oWiV/remv"
    "Ipk9spNKZRDYZZpI78h2wW6wh+EJ+TtGvSGoAIptfR3wCIsBArRQOZYPqxlRxWLCTgvVBj"
    "Af5o8AfwwgYzoPEJb0mKbhhHLJAyUa+CCpo7+zMqaCc8AtPFacnTMhUytcLUdEutc7RVqy"
    "hQDEmtOFjAH4uJNIX+sZjISfh8FM9zqh31iOGUKTGE43QIB2N1T0TQ2gIbLwLeFLHrcihU"
    "CId0/J84Lj6lct5HAmU6FMB+AjDdh3vLoUqO4tgTsIPuzYdCSqV+sj4CKNKiIPYVRObm6y"
    "WJIjGKAsHNAxMIgpsfXAQIbnZGFAhudkQQ6tRVD6OZ1fPQLpCjOHqLo1WH7SiP2qq6YhW9"
    "txZV9LZhcivul6hQAHsIACtJPrgIsJLkw1SSdA2s9SHg7KwLsKUHjHYCbY3DbOxOSHMYTa"
    "gE9FQgiW6FrAuuZNNdFNBEUFIFgFFTdVWXOslaIpElDfwMzXRWkfQRb4OQplOsPIQ0PTyL"
    "K5F1vdAti5hU6JCxiBVDrNjjw4rBSTq2rrhToULONvlmIuEnU6ua1wWSASLDDl/0mi4Ahd"
    "8nel6lHNIXjECSpyUAk8gxhoyTugQANdcCpSqTdSHmdhDF40kWBwBcMwdj0YN/hugpcw/7"
    "gj2w3w+hSw8dfjM+pp7Bty0xiuJRJsnqTkBN/tasRVCHnzUfcq97Nc3qhBLT67kI2QXxCo"
    "1SS4Wan8kRkcLksVKTLZolrE42jU7VQ04OibKXJGKzBFJn6R2Tanzme4W8Vt1iIy2LLdZ8"
    "RCYsVL/8F4vERcmNS6jvS6gPomdJS1eLG+4LZp4nr18NlUe2db3VI3iTxL9l8XjJokD4Hg"
    "HRGBr9rLo9CI2LWb+FFFjQiUylblM7Gx48FugjdsclhD7io7O4kJaThHaphOl49GHs4MNA"
    "5e2BlDdsUP5Eks0eOBLzeGz7x9T6YJBcNTqzJU9LRMhR58Lbw+RrtctT342gQo98rqAIil"
    "asjQ5eIxxCAd5KRY9dCk08b68z8VyXmXDEiXSlZomZbCy0ll8bdbmSJsVR93qTvCnlfgAa"
    "au7cUfxPYMuDCmnsWzwi3oRKBqF+j1CSAinURRP3L1wew3A1hut2YDXf0vFuBZ6g0kQXZK"
    "IuaDcW8FeD++B+6YwS3E/qtynTTqqP2uo3Xq9lSDfM153e1HgoJRGBU8n0kA18qRGFMoiD"
    "tKsajIIOi0TwMnEgb7gXCXUke8Zh5clkUWoNB74q9WzJksRC12vzpmGwXCpueUTSjSRz6E"
    "BLI+gCFywk9Lw1q1k/6Q3Xo6FUHJurdagL2OmXXc+DkJFF7aXSDnPafxfcJmqzUfwnioNE"
    "wp3Uy0CcRT+/enSxCOIYi7w5dR60e7uWkbiN6GLBLM/fKh36vCoHL+RDJQ1umfYTd0sxQL"
    "/X4Rtn5YdCncft/QRKRINgc5ej5Sg9BdKDtM71Vm9jkaSXv9E1LfLAQL+SbmLzNdcIh6Cj"
    "n/qDluw2Ky688069JRkCx48doYBoaA8neYEMHeROO8gTHgdhDwkX6VDETot4qi7OZrYC3l"
    "KheN0Wb8SA8Y2dotrPwTLVINTpE9Sizbhmv1+WKXFJOb2kUj9aXcZdwIwCESIzeiMztPfU"
    "wkDNxz8sz5/vzeeDmaSZQ7nOxHZAfpFmLzi+Y+bRydH42ulut29saR72E/7hsW0VVMpkYc"
    "vtAhGy2zLhwYTArEINBRoM71ecV8nCKmkqG4/pUnts0GmE04bvBRJk/R6sn9EgTCKrkE+B"
    "ZAjO2lO7x2cBD+S8l7laIT2AvfqIZPHYzFX7mm971np7PLIcYKm3DBH2MyCEzjogY2bAaB"
    "fc2Hiaj901FzHNAdTNLHVfSZoilchaJKFvGlxqhBQkDpr24MZFMgJUE1zwZOAzrzUh8XB3"
    "AMDXzymgaqYv6EkBoWVAkkTOATOV30CN8nS7Ga+GCvMK3Ya80Q334ObjABBf5uYG+GXQa9"
    "65mgfSCr1iiuFkY2rQrakkd2pRc/Wn+jkwvxh78EIPMf1B04eCPp+jLaV+feYTaO+pEyoN"
    "5Gyd472AKWqhw+1imP87j7PY+153Eo1Ap1FcUdcy21896oTNRASwoBzmpr+LFAxHJFTRyz"
    "mn5zcUWETPKRsDEyRPaMblW6hlilGZDNlatY7Vxl3n59cFDcNW305GMyT3+8sXP77J3Trw"
    "R5cj5+vHyw8fGkBK2bZu9YEWidB3U03WwmaFfVj86EyrVLmzWTgFEtzVK+vGutgk1pns7v"
    "aM1RmOWJ3BOvFuz4w7txl8+DSAu6Ap1N/O3mz8AJm7S3/y9u7ktd7k2ndhFxjNSYa00WIf"
    "0afBeO1Xs/zeMxJke2+2g0dy3OejrxAOKLPoxBJIncB23C8QIef7cp6zBtO/i+spAXLchu"
    "OuxNyUeGZB/LtkZ00Bt+3VUWe0zYwbJ3LHrkrv8+qaOt0mbXmUVY0dZbGpNIalA2AhW7Hw"
    "mSR/JUqfgzKWWcOjW7pijeU/j3ETCLhlIbBsdsgJI88JXQh+u62GAHVAzTQ63Cdjyn0TyF"
    "IPwaFADKEToWb19CjPVHm44XmZh/Wc6cidfiYioVICF6Y06TnxCkWn8phW9pu5o35k+DmN"
    "3pkqDgmIA55C3wNKSUDUMI2DZa8v1hzDXu64mTDsdXQWY/GJ48cTzSFh4xcpkAzQNXJ4x1"
    "7EZurM4FM712mRaIBsfv5iFx+UGtXu4HtR80NFbCmiuMnj38XoLc0A+XyUvESlrvSJRRbI"
    "MA7pdBwSA85PRNBxYLdbZuMHuFMeo956GEw347QioK3m2kSM6mtj0LSjIVn7RlUhxZwDl/"
    "epVFjaZdRT0DktStplSWu/W13ErX7ufPyAPN0HA+ycGgA1cHZiK4JjnOFq0hjK39vnlVUp"
    "e+aXPSLV6JAJZmWDz8Rfehl8JVI8XV0+XXNh2ZXvqpANITv6SG4yVyLIpqXQWVP4OL006o"
    "wdFwbdGze+XJiQKwRJdZdtooQc6+RHT3ev4tONd6H+nbfhzoOjSxrFuj78kga6qr1B6dTD"
    "xke6B8ZSnVAGMJZ6Qn0LY6nH66mFgT4M9D1yDabaz7CXUVAixBiQ4zYBBvuehKAzPdlm1y"
    "zSDHDXfLnDnvmydcd8WYv40Y3u5LhQ1oRlLl+NcnhG9uEjrDqLzJh7TZ7De9LPtoSYlNM7"
    "MWFrcNtJoEyHAsAswMfHeIR39NGbbMrycLqUc9Ggl3YUri3QYAXVPSqosm/LkHLaXIS5nf"
    "8VMhTBHiLA0KgLoVGfLfSDWm7xNUIM/Jc5C9AdWyd0kQb56Vq88QP07myPOX5IW3veG3cc"
    "Z01Adwg+EhhLqCSzIJIxSd28aUVTop6D+2BZS7KgfpoDavI+ZZprqsga4o0HmxZDjA4skx"
    "GGGE+aVZguY8sakCUqZCpWszsqmnMZCT+ZWqW+FkgG6Aw/vH+WatROH/dglXJIXzB6aJ+W"
    "ANQDrFjYkaTUEqMok3UFVwdl8UCstJmDsejBP0P0lLlHYzXbJEk9Prv68cpU6Mbbp08jhm"
    "geqGdjZqbbZuxU6NDT5Iyn6Weq9FWfRh9pdHfW4GoqXR91+Zqm6cjxIht6r7PpGspxURmT"
    "UChq4tONLta1ngfTOaFhmFb1kqZuWQ6YNd14Qo2JI/E8EsntvO5yOvTkezieXIQIPw1n1F"
    "SslDjVhEaQNvpOA+meWo9rh8j9ao8rm1Rbs7QdmqRZ9EbzUpit4HmyS+pDeya3u8iIeJAC"
    "w7W70lP7iSBShL5u4WXKGRbqEUKDsAZ3+NHupEs3bh1/1dnTrmxLtbGs4M8McDoyLdpgpG"
    "c0Jc8MDUyJxRGUiVRXbzgUUkxrPQoBG6Su3xhGjPob9M8/hi0R/fOYAvRYGIspQKdKAcoP"
    "JBsVqUT05JSjMlI9O6et1n+JCq3iipeSfWuIJrX3G8/GD2LJdyXKHKPbeBjwOyt/Zk6Ars"
    "w9XJkypnHSwPf2021LMYjv/NhdqsSS9avDUiLETDynM/FSWdkVYSkRDXAtHSWD2WfToF9u"
    "a5kSyxq5vJ4yWdktqDLV8PItj7KgIkZlk9HVruZuKYbA4lPruQ8MpXw83Ldxf50+Hu8YH5"
    "9cS62f1f99YStGw7OmsMz26qgzNqN+GkfbgfdGaP6YC7Kmksi5WJvGVjBFGsLdJgiZ5k/r"
    "OeMmVrHO8g7qkZiDzIgxDyd2JIx5nHDTdyKPb5isVVtgE7i4XfPOCdCM3VXrhjOnZ42mEi"
    "l6hpyzZJ1RkRbLkKXMb1CR8qv3qEilcbvmb26VlFDpNSNIpdwwqNY6ItA26q3p5xmDPqPO"
    "daj8ahRyMqWcTBiRS8YbtKWDz46akxNnD2pOJzzeMZvzCEyFfWlsndJZoRpSasDB8jrTE6"
    "iXslSlRW3JOW0JS5c+SUFjweeBt6z4WSRLwcETe9ZofuRX7zE/YNx4mg3cwf4wJM+kdqSO"
    "SLAwlV4AQa5ru0ASDiDYwaEK/tatPyiHnINpcRuswNkqmoyQQ99Co+a1M/qObTRmfp0OC+"
    "AeiyVVM5DJ5q2GyYskVoaMZHr6SUj5nRxBZZslE+qwI/DhKFI1qZfrwZ4e65VcX55uvpFN"
    "qB6ZBbecqAeQbwlVN4hpKG4T9fBiTThbsehGLRNlOPkSjCqa4v6fyXPiwY9q49VPDtaW+p"
    "vIgE9Z6U1veJY0QPWLQQ8P3fNjzYm3omGQNvWDvh/sW6wm0cFck3ggZmDlzWZkIVZg6sU6"
    "typziyP03yGluN2YQ5z60ZzhesO2dYQXiJClNbPDt0L9Z+MHqJocBfCfHXe2PM5ohgA+OQ"
    "GbEeB7ZIDvgzooHfueBxTZHSRnM0Olh3+lQor+Faf9KwVrylbQFVIESrss50DKpN9yLhKi"
    "jF2WMUS0e0i4QIbydV6+dpkOBZLhmUFHAVytRM+0oRIhLiSXF1LqhbaVcIEM5eu0fLOYQA"
    "8Zl0lRzo9CznaHYoUMD8adDsaca+t5A7fbswCrdENg9ylyAR2Jzv/CwmDFos1ZQ2w+vzbq"
    "isz7xVH3h+U5YSvGY5PXlJaM+05E8DfUdHur4+R5nO+ZJIH/vY6jUxLT6JbFFyTg0JAllj"
    "puHTEaEkXY1OvlePfSgfq0rF3WKMbcS4f6NfGISJGH+SGUHwVxrJHIU3ZOPKr+WCyhwN0U"
    "SuJDeTwhmQmXq8nXNIjlWP/lvU1hAGoOcccAuXyrnkvdiq0x3u2OfxXBy0dnMUIIjl/tSm"
    "9eNizdUiAzq1rVyr5IeZEGGVpL8ZdBc+fS7iT/LdWQsPUnLruPGIIjYwgynbDO4q8LGobt"
    "XZUKdEP6vl+++PFN/kXDH13f8NePlx8+1D9ak1XTy1tUIcVYt9PuooLFZCvoCikK2mlB+8"
    "rW7VH3LadCr6/L0u3t2ke/vsMSdszdeWkUprMOr2c2ZLSL83NMC6PvdYJ+hg7UhoBAGwyS"
    "TZOlsVBI7Fmk7achC8fo0br7xXq+Sbtd6NQZzuqOzyPMjy5GJwxhdDEencXF6qPp4rZjao"
    "UM2Vozcm2PdjS/HD3Vd3EOdXsuWh1Ej7n85iHcFiyK7Gqv5QRDiMCXHW2vdwI8vO4APLyu"
    "Ax4WQRgGkqkb+w1fbesHWyUbkrvtYKVaKJdru6IOWwr8fFs/X8eMqF9YTIPGuruVEaOdTC"
    "h/O/heC+o3FknBafgWTBhoBViqkGuKD6SAD0mDQpkAnc+SAjIipmsI1O2ng86uoSJQhw4K"
    "I4yIp8foIgm6FMMypFNmSjAATIVDU0SoUbfAynRO6a9oeZ3QRHAi83OorJ0Gy4DxBiOsq+"
    "RSgWh4B/RRALVLxSSrwhE5wfAY/GoX/r5qZ++rGneVYaq+8QbFvR2pXCAZAodPAVIuxdFF"
    "3PA5t7M7G4+8tud1qi7a+skKZBgBc9lXltkAtgIu0qGEXZawNutstsucAPdL+/1S0lUvzE"
    "CRDsMLTi8oIyq7TMAizQDxp0OrFJt5DT9Qzs46vIr6+mgnn2KYDb3Xo3g9ZxlMIsjabqU+"
    "vljkCWEj7Q6ksxh+VhQCXHJviZ8wDbTgWb6YQVIESkwVuR7rPjdc6dtzdQ+YRTLuX0C1VK"
    "jWqv+SBHgp9VxeyKhk3kgNCKZzoq9ONuDUZOFsX5ejK9kj6HpE1yPmlbnEWETtDlk902eK"
    "zXrJCbA24z/qnOxZs69Ki2vGtTXjmKp9bZSvDmX7OlfPdlC3t7rc/Qr3r2KtVdNUZ800X7"
    "KGKgpZ0wCpA+tEJtMpkxLmCsJEicAAmc0oaIZbj+EfdnoI4v8xD0KWBveXFEqvjYinjv0J"
    "02UgQLVOFfm1ruQAtgehISjycFmp+z5q1+7tvNil4ORHXLbM6kxthd0VSRBy1wC5AwZBW7"
    "5e+Y81YlQcXFMcSiqiOrTG6aHVw6ZqIEd5uyxvrWRYnkATNK7Sk8cRlfvdt2UQbb6wBTAw"
    "alK5KyM6VW6mx46j4uCd8g4zCqW7+nQjPTJh0PJLq69mUvId+zYNE6lU+u+1fzoMs7bJup"
    "qZHqUIUv21Of3wOLdBLKwD66lLZUaH9OFLSOl10KugcYkS49tOn/GwS1rYQ9lwtIUabCFz"
    "jNS52V0iLKMZEktPXCAM+zYPeLdyRI/+O2P+Ox43lyzeXuzUnmdq2Jjl43auWvxMkqyU4I"
    "WGXei+tqCtgl4Ls4KrVzIaTee6UW97UeJ+U+2hAC9p1LAou7OzM5rDbIn3q8DH3xD7p2aj"
    "n/j0WAws9vlwZzmaclgN2HWGxmIZTOvcbEcE5wQDhAO/ebUDGvjNq1YwMFyq7L/q+OfWe0"
    "CZCj3QWI4WTaTTm0i/MlrW/6vXRvcaSPNs2E7geY2kyXQvchuoc4sEnFAC+4HBuecKb1aH"
    "UA35jpq2Kimg/fu6xXTIyQ2Ox+DiYZatESbJXCjeKusLaneIvRuroLl1huaWA/smmluPw9"
    "xCvQD1gmPrBe+hOI6IGZ9u/pU1+k8rIzp1hGA7dnzHdvOktkt8j6M2vfmuNmA6/DAW4MMe"
    "suV2JC9+2sEAVKPaG5LANTx8H+TwnSrF0K5k4pZigM6Mo5RkEktgSKOG087mEtEAOX14t1"
    "HAl0k8lnP64vWbJl2S02jTAruqUFbYPdnEBgH+yBjepRxCMYui5qL4evX+0+WXP5vrYWTj"
    "i7vJ1Z/X7y5rkXgJr1Dj/r98/fypLQCfUVQVyGAak/8hYSAfYUXmDtYDK0qsr1UiqRYdqf"
    "AdJqhWIplGDHjTQ4svU6ISj0p8sxL/gfm3LGpFQBQvd6rvoR5ohYJInWUrRozJCY63FLKr"
    "a90SKECmK1dMkukdi3XiHde1Ky4I10636Zxy9VqmtAUwo6lv83HuowvxaiefSZDNs/ZyHH"
    "LmJ4QaG6Y4BiW/fv7wC/EDJs8JOCJnIomId5O8+OHFm7GeHPo3wxqWN5ymAGcTBX0myYSG"
    "lE+ZzCt5qDtqhl8Qb07lXD/C118v/6bOOyJWabGPnHwZsVUgEjUzDDatpfMpMtCIBOS0mF"
    "LjxIQxoYjlCNyjGkkiogXVLlJ9x7G6iVQjPcRTu2MFIJ76hIaWZOplGnPkurycRSr0cvb2"
    "ct6pt7Xy1aTjB2h3Hb57rC7/aU5EGx5XyJDVO7BaqYb2jC4RIZt3YDMC+R9on2azGZuCBt"
    "4n7ahCi6asc6Ys5mw8QUEvTTUcY7Va7qlVUtxae2+tdEUDzZE+gmggRlH0FsUcCHtIoUyH"
    "AugtALFmvQRQpkMB9BbARIg72NjtHExlKkR4VzZ4UH6D2LZtcIUMuepgS7CBcnaWcN+aqw"
    "Ui5GhlB1gofXlhn+tVpUO+VrxuEeVyZh0PqZAhV1vOqwgip5KGfQ+uCj3yuWJtbEPPto6W"
    "CilW63PZz6LWg13n9pxggDGBo+A4I0ZlE4izvbvWlgLba9m31yoCR+pc785pq9I+rLH+fI"
    "/vet+MtjI/mxwe7cDYjAIBsdUvuAsQ6wpiT4i7ZHnWBNYzV0adOL3tmHsRen9A/SDT6Um3"
    "rRfrrIN9Wpne5MxmuRhvCeTHKs0YkC0j3Xze9MhV/yZT9Sh1bN7B7wCovEuSepRM5c8A5g"
    "435E6dsBxaU+k5lLkJza6mYrEMmUZ16cFT9SxkFkQyJmqREC6yB9mw+Jxc3nD16cWKaWoM"
    "NLoCvFw6QN9jPVfPlhX1jwBcuC8wbkXDxKrvc04wuIykNzsd/m86Dv832eGPGUmnB8pNxd"
    "LqQ84JBqjHHh7b8qDQzsej0No4MpWdZunFzCmQl7U2eP1a6pYI0VHhsqMiFZVdT90S0RCM"
    "6WH31P0g4rNGw+Oell6h2LGNFxT7n0bMD+K07I5R4EM200knQdzcH6CbRKfqFLAusU6UgV"
    "eDvJzQZNmkGUGQdJPiky6It615rkm2qT1wJ5jghs+UFVFsNGAShgzhOfEitlDfhpotzw+S"
    "yQKeC/6p2PKslHBzTn4z977hWYYSjRP1SMpsUQQLyUKoMqRu45kL+tFGJJilRoeEZr8xFC"
    "vS+TzpKH9ceBHFDi9Kwm2bMZ35tEnbjIGNlHZUgHcEO8nkEakBYNsoJZfH0KtMsw9eXjMv"
    "036fScwEcucAxkygU+o4iC5/qDLx6RZrx/sSGbK/P7ifRryXbl8iRLS308p9UXuylXOVFs"
    "04lyXtUIMglPLxjHURBtNNFkm19XU3EaM+WM2fTbJWejunzuYUA3R5H74wFBixNuzNxg/P"
    "zXR43iKS//AbQhhwNjYlaOpMbTVTKlS9DBXH2HnoBm1bV5itylKmRJXFZZWl7srsJ+3qDC"
    "j1RyF1KFJl669soMVDyZlg0kftTj5riCelV0ZdIaXFdswOQDZRKIVGAvkWuuZF6lMAlNhS"
    "2TGC05BAtTZfEo3hguBHwIln8HLeiKgPVF9Qz9EIZDvwHXTMahmJWRCy8ToKYjVFHrGBOk"
    "YQQzI1e03caR2JWNHS6ZzcsU0WYUpnuNBBngwOx0V8w2N9rzWVBGaPGd/21IbZ1O93bBnv"
    "G81xK87wNGI7CGE7XmqjgZ5aWZ1FogHa9QesE19oX0EXVkzOxg/PtD9KxgtEvhqyxtr5mx"
    "MMkMGvd3GeqFHtDH5db3WnmGT1AecEw2Pwyxc78Pfli1b2wqWKcyqI4rlPG4BmYP+1uKYK"
    "NF0W3+Pjdgd3wYJr4d04LWk8DhpysFqdUS3U6JSqO6UA02Xnn95SDFFNOHw1R2Pa1Dnc3p"
    "SgQLJXVwLXWN3B2qO0JajYpT1EUCTFBhH9JSFjGicNAuhIq8kpcJfZYZf5TxH0QzeVCBHd"
    "5LSTWdvoEQ3HkENqbdwXCXFN7bCmDNdackU6i0QVydCT74wn/3MST8S3dyvGG9NDipdHXT"
    "59oQeOWT7yXs++l/uKc+d4IReBBH6akk050bPqbPDZNq+77snfe0btuc8aPORz5F1YTKMc"
    "kg3Ie7mwtMnMiHjQuNkzCSLQqHrOvlGfTYMFDYkf3AbxDYf+K9vn1Gkmee1kfUvK8+4z20"
    "hA/hJTZWrcqRsVWr16JG1uLTgb3XCd3aErBEF6CuSG6MyYWKinoVE2p2GADmpkUQT9+p8h"
    "F16yCBBi2diIhYxKlkUZ1L3SXJ2YhWFxFN1cQDLLrWDSJLHA75x9i+HRMLvEla1n1BGBcC"
    "vq82h394rJhUGdozBWbbZ1hnZXIcpoBuT3OkQhogfqheQmQ0+chQOfJLfec8tUqFFX2/Is"
    "g6mNOZgTDNAMPDzGeEk3oaAN32uH93BLgg7cPdyG2KXliXi2ChaeraArpAiTdVnO2m7uuZ"
    "6LlChl56U8ntEghKyFuqQ7ct2rhENKeD9YzN6wqaWDzA7LqLWJDK4jB9cRiyK7ytoVsuFB"
    "tYZWrurzikV+wj4EnJ01xSUKl0edcQkzcBxmI3dobg9jt1j6dAZduSmbDZzu2sGdlnpa0y"
    "CGbAEoqgSFZbe1aZua2h98fvSqO+F+QK/60VmMXvWjM/aB88eHydSHSyB3jZ+HVvy3R6at"
    "3l+mRG+Y23o/DWQ/J0mREIXsnJAdsTd+o9Ed8/9uLIOauVG42mltLPW48SwbuIOxcU9Dix"
    "RzA0p/esSOiLp/GDCNZsqGigWTTabGgWffw9BwJQPToa4YB8y/xJTiB9OTe33YjcQDDD0f"
    "JcUYaijYMDsbP0T+HhzhLVMA765x/Ww8BvX3CuovRdQYuug6G7c0A/yyj9QvcsqCfu1MKq"
    "RoSaAl0WpJADDvrNmM0JfusyHyQffZD+2yxZCAE+oi6uUn18ttEwEHnP93eODnSav7uM3c"
    "oygo04gBP3roJ2VKVE9QPelUT/6VbTo0FLi6i5IyvksH7uDohEZfylYMaPgWUgYpkUz9FJ"
    "uSh5B1+PXXy7+9eP0GciChfuEFtA9OJmEw1UPSnr6GqMnVedD5TSYotDGVnk6flEy9MiwW"
    "6Lcll3TKZPMEKWfOyftYZomcUleMhGRIn0J9xxsOHledIZpIRr77/frn7/VdsjROOdIJlr"
    "ofWWMGKJF0c5R+Xe1beaO68fidsIeqcYWa3oPk/2Hi1GF5yvgqiARfNHoBO6oMlskGqO4d"
    "w9MKR81Yzqk6lerMvgo4jTZtTtcKaYXhk01ssOKD+YSvUk9qrt0pxl69/3T55c/c75qreB"
    "8+f/rnqwbP69Wf1+8um3qb21VhyikG+JWjUePMF/8ojJqyc30l7nr61ouUmIDhspQVi5lV"
    "AeKcAJMudqvwjF38nsQykvE4AWSiaKji214MuUr3lAsiR2wZ0mlLMbrOwHmRbHjb0mFcGq"
    "74K3XHyl8iOmtGZhYujzo9lqbzpZ+P3MFlqRifgEmbt1+ZMMjCSuulXUBtNe2ik3TFJFQ+"
    "g4eTaTW0VSBzsCXkeUHZtCa/5XFugvFfJxwr6BU8uQcLQ5Rbn9VO+unzDv30eROGymw6dR"
    "531DDYkmASU0MSU3YG1Hl6zb61MLVIM4hvt0u9f/fv1yXNvga6LDn/suFVJGbF9Uf7IQGL"
    "dOiSctrKMqKyMw+KNINYV8MuFGEMgC+Q5XfWah+Yy7vYB1E+8l774FexVpeiXBNna40BgG"
    "wpo5DruZSmHkAt5ViYmsmUQGllUF2pvJNQ0aFuFBxsZtOKUsgAnjkvaK2BB2m7y4LlAPdh"
    "/gg6W8IoKBWXlYsOIhL4e+MNUhanT2mr9zYRo9mBZocjZke2yuy+6S0NAhHK/JwFPJDzXg"
    "pahRQd4a6paE6pDv9mTpR25SEbsIv6sCqMvb8DBpvNmDpPVmw8i8RCn8/wiLrM0/Y010f0"
    "XKg3IjBMH84TdhtwDn5COKDha64pEQed3eAhRRIV+mJkBugz9Sf0eKDaO1loSz0y9zNNN4"
    "Ktg9LciAvOLtSsiqeRMCp3PrVk6ov30+bbpWngavboafa60naYr9+KY5sJp3ZzVENOfmwW"
    "NqAdnXMFCvTNNfjmytuodUy+Ro3qiGvqyG6e2PYU+A5PLKbBv7VpiakVDBsn+JZiCGH8U3"
    "vAuYituJ2NH4Rb9NTM1qlC2iy180dX6QbB/BPg6LZ8s/cgVGkxzOP0oV0wIW1WVoVsCCfI"
    "0GM9Ivwai+ndWaOzJrs46nbUiHAs83E7RXnUA21IsND1dnwCBQOkSTGFyXTiZshmKYCLcV"
    "+X8l7RMPDHug+nN4ICfBxQXM2xngPOD46aS0MHBcRFAnGhSN1De09MjmpMJoxxdR9Fre63"
    "SfNp0WnihC3f7jSJmF5CdswuEaG7pOou2a4iWx2hQopmvcsaQsQW6r3gbWtS7mpwWSIbkn"
    "fsBC0uXdEZMo9xo86QX+zWGUrDsCjXYE/Yh60d5VBVjMNXjtJlS8ZiNpOQuK7jew1p112b"
    "cdsMuC9b7cuYmf0ktB93jl/1NjRsOX3NtfsO3+2oXepM0TAE61nGdDYzNjNVNq86b1M8Af"
    "HZNAATO8UPeNu8We+CeKaohoYiqFm8gC+T2GssOHW0G6Ge4LiegPCFI9njYgnv3AhgaNfC"
    "SkQDDI8cXhnTe02dxe0h7pwA49v7xLf7lHrat8bTI2L6sYo8GRXCPvJaJhvgznKcwGvGth"
    "5x1zIpmhXOmRWOVqpBMQ/aevxFGVKtIP3qmNEu1uTYLw6/16z8A6y7CdNN00xKHMlmMn8r"
    "Iy7wdbEOkm1iJIhHuvCvjhGZfmopCl5prA2doY91EzQnnbBy0Jw8fVIeKn5Ps3Kda9x/7P"
    "pAyUeTxJCJbuWh2ZIMcDEdvjS0cRzbbltlqgEy+ii7VsY1+12rTIm7ltO7VsSobHIrt2c7"
    "bCmGgAw+RbqDI1bj/0kgT6XBVDQXRl324V/5kHttwmtln7EVDRMdeyikP+s5fGOW6cos6e"
    "8L6oNhVzf8es8EaN93dDrXAUQKnJM6nkhJlITqkaHNzFLAJzDKW9AsWRQIPzMwJ4mvrEIT"
    "vVR/b9I2NJJFK+bf8IAbbLFi8DnxJKdLORdxnqedtjF+povQTNgF8cKAQ8ucOV0xQheAMI"
    "YuOGQRcDVNAn1v0CR1x1JqN0lNeSBLe7REhMZo3RhFK/8YjJUxjRO7Hh45xQC15MObI+YI"
    "aYpbtqP1tjSIz+uNz4PztZdpUiJEy8Rpy2RJN1A9YLxQqpCwaslXpxyCpXJs8IvbZQjdXV"
    "gWJ7K2AupsbccX5QSIL9oDX2QsQBu+bymQ8fsAu1LD2Ib1RRpk/h7MZ9+WIeUtqNF2/lfI"
    "UAT7bDzTWEQ2mktOMED7C3soOvOxPzpbAEPoT0LMEQsZ7QeRrZBi2QHX5OxIEOwL89kiY3"
    "4tEla4OuoKh0XlcfeXNDZuPx0gWmetBWJ6B6hETmgYXhBvLaJ4PtYRIS+Pak2SjRw1RYrK"
    "NY0POr3pjpC2g6dTXQ9HT23S92j4FqCWkpH0GjExMpKSkFsWS5JPoOf00udQc3sRm7GI8b"
    "Ri8npeoVaPIZPlMgzUvyGVUOponZJAsGLR5px85iwPy5E8BkBu6Yrd8MkGRrNwRmIh7sgP"
    "pSjftkEchdKjQbwxE00ikdzOgR8Yg3PHa4IxuKOzGGNwR2fsg9amejwaDEY1MarpEosfJK"
    "r5V0J5rLSSOutb+V4kGRLnD1alvqD12n3RFcJezHVs/32gWjpJBNq+FWK7SDPAPfvlDlv2"
    "y/Y25DUfKBRGtXHx5wTo3N/Pua+NSEvlrkKG6h2GTE5chwBxHsf+iDEq1YfBj8KNXRQztI"
    "cb9w9NNZBj2MJleWN46mnIuRL7sNFGGkgRe7oD9rQYLLLwf9ToBmSnH8wHArHJu8Ya7+3f"
    "cZFmeB/wUfTqPK5pw+cS0fAY/fzFT7u4p1/81O6fhmvVcoHBctnrFC5T4iHs8iE8S8JZEI"
    "b9Op1XaFHSLkt6StX+11PSVVqU9OOQtF0Flyrd8A7K44CjNdvG9iU+aoRDYPgTqvTxBbTK"
    "qLm7QH5t1A1wLIy6F94ImLzUJQwFNIT6UwY+e0u8wM+LYkhdv5GTiYjnI+Kl4z3Tb08S6A"
    "NOnsMARqfzOsbxCPcAoONnrglnUcC4/0zqOaF1AfcL2ERzlfiBvy05YtobpLWORjAnjDR8"
    "Y9Ez/Tw3PK3wdUE8yuVaPU7+qIV3KT1A2jCBpJSluibE+08RcH3YwTw3vEip3nempKSvwe"
    "8Bh9eIazeAQeYuhiuKrubVh0ol6fQxixbynPwdWOf5CdPzq+eWAtJrlXD0C0GZE+KDUGYi"
    "IjR7u1FafzOIdfkVDev0EWXpTswCUZZHZ3Ghq6JZFBb+rQIFwnsaXFuIWz0WyjKw6/iWjR"
    "9gEH4XD1a7/6rmvdKdkCw/1yINfqoICD4tIDjXOW2dMyVCxDI47ZpJTQdrT+uWDF1vLss3"
    "YlMR9avnWyHFhey0oBHed3yMqnHlWNhxBQpEKNTNuFlIb60Q7DkBItgfT3ka1z7iU0BCsL"
    "j6sUMupZ4F2j1tq99sqVCFdVmzScMHPSRcpkQpuyZld8KmCS/HmspXRveETLMxu/XNg8ge"
    "FzFhNOLMJ3QWswiKpIygXV3EsqYGpo4LhC4LDQ90Mzx465Z2eYeZ21SC0bnd42lI1wDAUL"
    "9DNZdpmEAL93WxN5+6fkFMQoMJlM5EdBus1B3MHCQtFyN1pBDDgO7YNhgGPDqLy9XL1V0s"
    "eVqmQqa6gb52jZkngF9HbCkidZzYMXpLM0A+HyufQOkTPT22JVL02Dqn8aJr/gkKOqtrOM"
    "7xzHV5XwkRMspbAteNE1SkrhSFcFiCvvr8+UNJxlfvq86g3z9evVMnmRauGhTExh9fBwzV"
    "jJkGEdxb6KpKPyRs1onLA6UMBduxlyQyQhTBviLIjPVeYigSoyj2FUXqQ+kliQItCmJfQU"
    "RMo+jjnrIok6M4eotjSmWvKn5lOhRAfwEIHkNLtbliaJMIOI02LSKoUFa11U1satE9MjF0"
    "cTQNv+fqqrLyr95/uvzyZ3Ns86ohXH/15/W7y5oMEg61oUTSYCd22g0Vyn4Gw2liXmd/zH"
    "UkACIUuoZ7oZ8y5ERBOtN6m7ykxkDch8TKKpIX+n5pBpLxgZiUrwlTv6Vl4yHscceWMURC"
    "gukckrpqMZRTWyhOxb8+BJydtcbA9NXR/XGwcZgN3Cl7EEY/k7oJwFtyGwkpIUyU+bFGIH"
    "XIIeMEdvRC024TV4rvCYkd5Q4YunIiBIChq6OzuOqTti5nXyBClmI08DSNVsc8gaVc52qr"
    "tVChGpK5cDCorj45+5hiFcIhMReN4aclAOyQcULGO2MbwRxnjXaRvjLqtonyMff3itN9yj"
    "xtgXiFa/CTMmInGxKKKQ1ZtadbIMF6KXVFU/ZO1kqhoWncce5jiqowsg7iOfEgE2Ocdaf7"
    "AWgFDzfEoALVLRS9LkHC2UrZ/NBWjy2YD23iQrEer9WCiPKKKeZkBkNtCc4On+g+BiRkM9"
    "2CzpjzpiwLvAAXcaCE619oZ4D2EuhnooXudmnpmLS7nJpykvaEy7vRqac1PefUbWn28zOZ"
    "zQgvIgsTpt3u0por2+FizTOHAzwbNLZTd/Ng+DiVQ85wePup0m8KDE/79cn8uaAbHw00wj"
    "J7eu0g4eycXIJvZCk4FJOB4i1wRzWlmi1YJIuxXDKljadz67dKlUk1XvebN6YwtPCLhJ9M"
    "1fuM9Nt4KxoG/tinG+kZLgUa0+kDB0Iq4wxDmjtw1FN66mvncqb2NrUUvHOi0akllnsR+y"
    "uBGtjwKZLLX3758u7rV2gDePnbb5/VHvDx3adrNLjd0bLbDW6sxnGsfgLCrhpHNn6AULvD"
    "155WW1/D19rO3Gz8AJl7+NoR+myrc7c9szMnwMzOPTI7i+qcDferdCiEPYRQ0H3tbMUKIR"
    "qMvS11oXTdsVJbk4bjszNiWiZEhOXuCEvsuPjQH32woLdsnERhnf/tieclIsw9t889N8Yx"
    "wA3qbO8G8ZcpMTvZZQi/kZUuattPzDkpytllOWfOMsAV2RiHVboh7KRHb/7EonEKuwiDRd"
    "AAbmuPqjSQDkhxOFydXO0wH7d0Cu7UhKukqAvvrgvnMQyLT7pEg99yw7ecx26sfMwlKuy6"
    "jP33TvbBboN8Nq64MtVejjjH+HtqP1w8Zwur8ElOgNrb/drbNlJt5+4p0w1o3zixt6chrG"
    "8niJYJUCK94WEpbMJmty/S4F7ff6/fQlQstJgy0YA+/EO2EM5BPJb2Y5X0hPZjBrJ5tPZj"
    "hoyyUV6KNMPTXw6PUKDTOFjZftRbInSH7P45TyMGLOnT5rVEiWWOnPOdO4XS/hqL6d1ZK1"
    "TbXB7dj9cey3zkbhVdgxSNrFG1KUI4zRzlJEp0U8cL3boSkMiQzayGiTXRJVnVGC7ilnqu"
    "h5p5DwxtyhPb3L8CESJqbRG1EVuoO8B96+dTh0lXIkP40KPMN0lCdpX4apk2bmTbq937mB"
    "o3nmwH3ruNXZq6CiwaQZKHwaC93TbChflMzgbzYYC3ZFEgfA8SOOJCCem/EhEzSJKQLFqx"
    "+p52nNvoctWxiGmY54ws1HrLWupuiGlvk7fepWEI5cMgU0EKxZFo7y0yaTKPOnT1pNEm6g"
    "klvn9LfHRuRsw1OH0oSC81m694SzFESPwulX2ftxf2fV6r66s3KLvzPCfBs7y3VzaRtkXc"
    "Mgpk+mNUoL6y2wXj8UeNDmrSocoDOtUoaYamUKNdNSkzmoCiob33phaVstd0UUAeE40FVD"
    "/o9r4jwr5Nw0QGK5bWsVrPg1B36pBqWKg0miY96jg3wVRLJ05lrG10SsUHNcojNeg2u6eN"
    "SlkgGaBOeXgQBvX79Q8o0qFX3Tmvel3Ek43NMirSDHAdHantykKsejbjKFJifofLqymTld"
    "16KlMNL7p+sAXlig0IxYB+oZuzJvMvuzbqtPxgFECDLN3nb2vFYyE2t2SRVFaHmKVlim7p"
    "ihEawiVjwEH9H6Lu1uExP8TMe5h35kaW7sF9Whq77OY+4AGEnu6T2yXpqq4f8c38TId3ne"
    "vDYiUc1Fj5EB2pAIJR2zvXL95wjm4v33OUqoHj6XbkTqdpFDHjqtPIFz0HVMpTs/hv9T/E"
    "miyS6XxkIsJQ3V8DZdS5pivuCbKgvnZwmqhxy9F6nNugG9WJLb8LX+MSpsndo8CmVl2+wC"
    "1ygXIaPCJ6BzgRK/bA7KeNhlF7yZ0txSB8c13uoWMU3FGqQ1OqW4c3NCMYBLtP4Ao123Iv"
    "vH6JEiMLzvlCHbEtrgMWtZsWhaudlkWsWyJbGRY+mwYGAzoxYHkTG4eS2QH42NKC21rRh7"
    "E+84ngBnoKtoDGlhroBcAsfAlGQtCA3j/erQDtWphduwLvGFsa4CvMPYIOV5AuwJXGqj7i"
    "ufoTLBRJPECJ6CJFaf139Xnov9BscUenRvTHCc2WfEHYaBQlogFqFYcHKqT7jA2TCyTI4h"
    "1YzGYzptNTe+htVVrU3JzT3Mo251RE/ZA/FVIUtOOCbnYudEEVBuVcOPamGfBlYlexZUuB"
    "RfL3KNhiUvLGaUqebYi7iRhVW7c6jDqGeDoMT/8Tcmr7nLslQjx1nT51GY24kpWtwVIhw/"
    "N3h/O3V0V1rKX+KJYRlTK47bOQaoTDQ9weIRUkY1qvJVWnxrXl9No6bRDUMUmeIAbKRdwA"
    "ZmkP6mfjh8DeU0T0XQpERswPGsvtFK6O7g9EbgfuVjUMQPozNcwg/CWJhSnvpSaTI5KWxI"
    "EBpo9wltndUilsn9kw8OeEmYmBv6OzGL0jx+SpLo8axBtLplbIkKuVZpbTaRJFvbxOFVL0"
    "Ozmt1GNY74kIunfPhkP0anBNsA8D204Pcpt2AUWSIXH+YN0CeHA7t2ojtSVAfjZ278Osyw"
    "fZHKZisQwZFJ7vsU00Ew9JGnt94A45fq51ec0Wv891VnvzHrdPXqPzfq/P9ZwRmSwg11SD"
    "vwuQcHDMSOO6KXluDLx7DdXcMxWPTNhMqL+9eB6J5Hbu1R1Cx7zRHr4it7wYT8NzlMrO1p"
    "4okKEtgbbEYxGsa7ZEF/+Hqh2cmPltRkcX64dpd5y63SFaJ+5aJ90dWIduoDydIj3XaZfF"
    "syYrJrvWbcQUR91rwnh+kFbM0a1WPv9+TZSNoGPLt8GKRTqr9P2n/Ec1mMHvdRtlr5kwYO"
    "242eGWqeeuuYF1yh+esflGVOdqO56uRDRAqPfLHSB1L1sBdS/r3eJ1EdMljWLLz7dOiR8w"
    "auJuaOIIEj1d2SdsItxLFI/BnemILfUHm8yVQXzWYEpll0ZdltS6MOj+UkScMO7rXdjUHo"
    "UDTn11F3kjXwD0BroDcFbd+5y8N6BdSaiO09AQRjX1hzrk7FBw6H1M5oxGMq1aJBXvQFdn"
    "PqEzdToTD64qWUVi4Z0THX9iat3poXdsGavHmUabpVpSF2lnKk+EabaJd8PBwIMnSiNO0J"
    "YquOUAYhbn5PMM+lqJNYf7yFDEXo5xngvJ0jafikxtr0RJBVwbaCW6o6hgifPTa4Rmuduy"
    "tUSFMNxKOyu189S5+XVBw7A9xpbSDEnHfvnixze5Vg1/dOnRXz9efvjQ0JQzashQbDe20+"
    "EDNLNf75S79rojd+11PXctFstgalXUZEuxV1GTx7Puj1LTRN0+BqXP4ssukAzBKKwkZr7e"
    "JctZjWpPzHxdy3M2eqUNj7cUA9xAXu20gbzq2EBe1TcQUM3t+VymGt7nfDRW98rYLxFisr"
    "5rPo2ijLe2sa2Qy5TounJazGI2G8uATxtcwvcs5SIhLmWXZZy6l3p4ocuUKGWXpYyxhicl"
    "ZrtmsGWqAZoUQ+sGe8miYDo/awjrpFdGXVEduh1zX1Cnnd8HjkS0+hsbPbcN3sb07NgvAu"
    "F4otmoI/CQVo61WfYFkiGu+devd3LVvO5w1byulaRTi8qCw+nwAXL3+U476vOOHfV5Q5cm"
    "wWPGGzSUdjdvgQSLV1s6eh/0MPvH/weStLPg"
)
