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
    "eJztfXmT47aS51dB1D9tR+h1uE97ujY2otruN+6ZPrzd5fF4tjZESIRKnKIAmSCl1sy877"
    "5IgKR4S6COQrEy4h1dIhIkMwkgj19m/vfFQvgslE+vplOR8PjiDfnvC04XTP2jemlELuhy"
    "ub0AP8R0EuqxtDBoIuOITmGuGQ0lUz/5TE6jYBkHgsPgz5yRSKzJkkVkwRYTFr0h8ZyRUE"
    "zviJgRtmLRhqyjIFbElPtkPacxoSRi1CecMV+qX4KQES7iecBvSSCJn7CncHdfTNXt1Y+n"
    "vNENv+G/iYDHktCIqTECxiRwAzki/8UiQYS6o4jYU+Jx9i0eK6oxjT2YAB6A0SgMmIxJwG"
    "VMubpnDHeazm94HCwYoaFQjz6dU37LNMXiknghlfF4TuXc03PM4SHVS8C/zcs9kUAScP1q"
    "XHGBSf2oXhywKL/3PLidK36oMfptt+TwVJz5IzJTD0+BaYHwiZJqEBI9xVj/29OcUmQ3/F"
    "bJWT3sLFbEQWxYmM2r3ms2I1TK4FZNepnOELFVwNZVdgCL0lcJ1GNwX2pZJjz4Sw2MxS1T"
    "VyIl0f/7/9TPAffZNyazP5d341nAQr/87eo3Ggc+zKMvj+PNUl/6/ff3v/xdE8DnMhlPRZ"
    "gseI1ouYnngudUSRL4T4EUrt0yziIaM7/wjfMkDNPVkP1knl/9EEcJyx/c3/7gsxlNQlgp"
    "F/9rlvApLBCi7wT/8/J/p09YGDYef/p8Pf767no8vqgtLHiEyhJIf5oKDosSvlhg0z/MvF"
    "u+6F8v4AY//3r15bsXr7/XLBAyvo30Rc21i39oQhpTQ6pFsOX5MhLqg1gsmCXbq3TH5Hz2"
    "w5b12z0pY2rGNscYXWCsWhFwlxpP3wa373ncwtUtUYWhgdmnHxgr1fOq//vbPz1//uLFj8"
    "9/ePH6p1cvf/zx1U8//KTG6ieuX/qxg/9v3//z+0/X8EBC7WLmFIMfyqynKxoYjlgxv0SG"
    "7O/N/nnK3P05n1Eg03szXayZJdMzCmR6b6ZLpl6eTy33mSIVMr8383PNuon7nEabZu6XyC"
    "rsn2xiJh+gALp4+eHzW5h5IeVfIfzwb1df3r7/dPXlz+8+Xv27VmQWm/TSh8+f/jkbX9Ru"
    "3v55/e6qifsRm4rIZ74yC+pC+EXxD+yiDjFU6CvS8NMJnmb/2EMyqY7+AARz/f7ju6/XVx"
    "9/K0nnl6vrd3DleUkw2a/fGc1zuyryScgf769/JfAn+Y/Pn95VJZiPu/6PC3gmmsRizMV6"
    "TP0iT7Kfs5/qEmezGVMWz4r1FXl1ApS5yzIvuEFspV0hRTm7LGdw89QF/POcRs3CzcZXpK"
    "rY8wBPz4sF/TYOGb+N5+rP1y87BKsOT+0CeP2yIqxP6ZXn+tI/aswdy6BRT+xeQ2XKIywh"
    "11g/tDVknK29xJxT4k7pvJSNz912wyyQ4b65776poxUHLKsKPS4u5xdXFn2yXl5Fwl4LzD"
    "HJnmV9ZUw7YInVp8BV5vwqK8V0e4m9NgNK/QFIvbfDrokeJe6axAFbMbsrRPrhhwmd3q1p"
    "5I9rV8Rz0Ta2fmnxfFH9hXJ6q4UE3ITnzOFHcbAK4s1FIzQpvTbqxiYVRu0EJ3nrALA+4z"
    "BYBAahogdqUAyAcmIAt6ypJDIWEaBljCqeQ4QAAyPpBpBDmzoi6aizA7bniii1lGfoGZJj"
    "KcicGmxNxJYiAoCOJzcyZgvvKfEiBnIxQB5volbVDB4GoExTxT6ZYXhueBCT22Clfgk4WY"
    "YA9lGXlhr5dKkoI5HczuPxZJMjeWaKt+Yl0osaFwQiTVFFPt0ciu2xQ5cgmqcfmsctBJW7"
    "e7kNjgcBUqdhrOZEjaEdNl46Hn0ne9h2EZuxqBma0M7hEtEA2fzs+U978FmNamW0vlbltD"
    "mq7Ri9pRkgn5//8MMefFajWvmsr1UATtNpEkW9TJcKKcZRnDNbyguqt416fPMUBX06QdNY"
    "veskSSFXZTn/y9fPn1pQuiWqqogDZcn8DwkD+RBxdB3CBX6U5JrtlTmKq7CN/tyA4YIJ3l"
    "a21KJZWxfBWyFCRnmzFKqkVSCdoh2WAN5+/vyhJIC37ysIxU+/f3z7TqkPWhpqUBDrn+vA"
    "RWOKNzC8KzEgp0HEaG/E6FKEwXQzXrFIque1teeaiNGoq7CYfVuGlFN9c4tNvUKGu/oBu7"
    "q6fcx4H2h0lRLR0UWdyQYdbXy1diZhRoGh693ujdT9bcPgAglyeA8O52ECm0OyTHXA6egY"
    "t/sfjo4F5K7imC2W6SfUEpjLx4z2CdApW7swfGek7lexJmKmjhlC1X/SOXTwLHWK+URwHZ"
    "Xy6UaHn3SKPQl0cjr3pQlJhSERShVLk8+1GVKP253wXhDFex9L4gV+HkbL7vBEPiXXcxYx"
    "uEB1LYNZJBZ6jGTqy/KJrhcgOAbVXFmmIwyqndNMKO4ZFgnaBSo0gw9LnOyZvoWOVUcdq4"
    "7pGV+gSo+kYZeekY/ZT8+IisN36hl/6KJAhWM/VEwekS/v/u3dl6/vfhlBrZ9bERN4bfj5"
    "6/XnL/BzoBSCJOIaZWOKAyktQR/fz+oKxiluomv/GHefQfeopSbV/9I7pceIRIOGAqhhBM"
    "KS5hYAJlIz0Fv1OT8lf2RwJEMD/5qGdK0GwHPc8O90qR+lm0AFAEIXAmokxd/rEkIAHOJ6"
    "0jn1Cfu2DNSjafARlYJrVUcPIZONKRZk6gfJRKlN9IZnMtIYKf3ywt8Xc0T5hgjQgFArcu"
    "fIRq3onFpRttXZMbVChmytsNXssHWOtuqZW4IhaZnPn7388eVPL16/zJXL/JcunbKuP96p"
    "97DxvGXjB4h0efZ6H0BRVRcs4IleV/1uGBy8t+Ag3H9sNKUxaEp9hFClR4EcKhD7wlYVQh"
    "TBoSLI7IJeYigSoygOFUVqkfWSRIEWBdFbEAhPHLAXrWKNCStUd04wQEX3JJBu41Sqs/ia"
    "fWvZybYUQ4jhd62Wd/9+XVooNWRQCZeSDa/ChTCmP+SYfhiKKU1fu+5l314ddfrXy+P26g"
    "MQC/D3ihmhJAT39gac4FC8fvNG+6anSs3QpeWJzyZBTL7j7JZC0b/vtWsZavVDqqy+a3MD"
    "gKPfAf3JDiycEfqTzwrGhfViydEiDTK0GjkXsSU7txTITPR03p8F64rKsmDcV/9t7lmUX+"
    "xWWErDduor13NGJkLcKTk8kUqviNWwSvcbXYPDdAbSEWkooEFXzFxTpHUV5RiT6kB/mk7i"
    "Ed2JyYTGtxPnryozdADxdNyfGdShDuQzqjSlKAmZwQHIG67BiEAKIX8zGUAOlKZ3qeiVvr"
    "emfMrkdgqNaVSDYRapI/8hm8U6gh/ET0naNWkNQATT6+hvAERYiJWigUww/dhKDisWEvBe"
    "qLEAfzT4A3hhgxnQ+IQ3JEU3jCMWSJmoV0EFzZ39GRW0Mx6B6eK05GmZCplaYWq6pdY52q"
    "pVFCiGpFYcLeCPxUSaQv9YTOQsfD6J5znVjnrEcMqUGMJxOoSDsbpHImhtgY0XAW+K2HU5"
    "FCqEQzr+zxwXn1I57yOBMh0K4DABmO7DveVQJUdxHAjYQffmfSGlUj9ZHwEUaVEQhwoic/"
    "P1kkSRGEWB4OaBCQTBzfcuAgQ3OyMKBDc7Igh16qqH0czqeWgXyFEcvcXRqsN2lEdtVV2x"
    "it4biyp62zC5FfdLVCiAAwSAlSTvXQRYSfJ+Kkm6Btb6EHB20QXY0gNGe4G2xmE2di+kOY"
    "wmVAJ6KpBEt0LWBVey6S4LaCIoqQLAqKm6qkudZC2RyJIGfoZmuqhI+oS3QUjTOVYeQpru"
    "n8WVyLpe6JZFTCp0yFjEiiFW7OFhxeAkHVtX3KlQIWebfDOR8JOpVc3rAskAkWHHL3pNF4"
    "DC7xM9r1IO6QtGIMnjEoBJ5BhDxkldAoCaa4FSlcm6EHN7iOLhJIsDAK6Zg7HowT9D9Ji5"
    "h33B7tnvh9Cl+w6/GR9Tz+DblhhF8SCTZHUnoCZ/a9YiqMPPmg/Z6V5NszqhxPR6LkJ2Sb"
    "xCo9RSoeYnckSkMHms1GSLZgmrk02jU/WYk0Oi7BWJ2CyB1Fl6x6Qan/leIa9Vt9hIy2KL"
    "NR+RCQvVL//FInFZcuMS6vsS6oPoWdLS1eKG+4KZ58nrV0PlkW1db/UI3iTxb1k8XrIoEL"
    "5HQDSGRj+rbg9C42LWbyEFFnQiU6nb1M6GB48F+ojdcQmhj/jkLC6k5SShXSphOh59GHv4"
    "MFB5uyflDRuUP5Jks3uOxDwc2/4htT4YJFeNzmzJ0xIRctS58PYw+Vrt8tR3I6jQI58rKI"
    "KiFWujg9cIh1CAt1LRY59CE8/a60w802UmHHEivVWzxEw2FlrLr426XEmT4qid3iRvSrkf"
    "gIaaO3cU/xPY8qBCGvsWj4g3oZJBqN8jlKRACnXRxP0Ll8cwXI3huh1Yzbd0uluBJ6g00S"
    "WZqAvajQX81eA+uF86owT3k/ptyrST6qO2+o3XaxnSDfN1pzc1HkpJROBUMj1kA19qRKEM"
    "4iDtqgajoMMiEbxMHMgb7kVCHcmecVh5MlmUWsOBr0o9W7IksdD12rxpGCyXilsekXQjyR"
    "w60NIIusAFCwk9b81q1k96w/VoKBXH5mod6gJ2+mXX8yBkZFF7qbTDnPbfBbeJ2mwU/4ni"
    "IJFwJ/UyEGfRz68eXSyCOMYib06dB+3ermUkbiO6WDDL87dKhz6vysEL+VBJg1um/cTdUg"
    "zQ73X8xln5oVDncXs/gRLRINjc5Wg5SU+B9CCtc73V21gk6eVvdE2LPDLQr6Sb2HzNNcIh"
    "6Ojn/qAlu82KC++9U29JhsDxU0coIBraw0leIEMHudMO8oTHQdhDwkU6FLHTIp6qi7OZrY"
    "C3VChet8UbMWB8Y6eo9nOwTDUIdfoMtWgzrtnvl2VKXFJOL6nUj1aXcRcwo0CEyIzeyAzt"
    "PbUwUPPx98vzZwfz+WgmaeZQrjOxHZBfpDkIju+YeXR2NL52utvtG1ua+/2Ef3hoWwWVMl"
    "nYcrtAhOy2THgwITCrUEOBBsP7FedVsrBKmsrGY7rUARt0GuG04XuBBFl/AOtnNAiTyCrk"
    "UyAZgrP23O7xWcADOe9lrlZIj2CvPiBZPDRz1b7m24G13h6OLAdY6i1DhP0MCKGLDsiYGT"
    "DaBzc2nuZj981FTHMAdTNL3VeSpkglshZJ6JsGlxohBYmDpj24cZGMANUEFzwZ+MxrTUg8"
    "3h0A8PVzCqia6Qt6UkBoGZAkkXPATOU3UKM83W7Gq6HCvEK3IW90wz24+TgAxJe5uQF+Gf"
    "Sa91TNA2mFXjHFcLIxNejWVJI7tai5+lP9HJhfjD14qYeY/qDpQ0Gfz9GWUr8+8wm099QJ"
    "lQZyts7xXsAUtdDhdjHM/53HWex9rzuJRqDTKK6oa5ntrx51wmYiAlhQDnPT30UKhiMSqu"
    "jlnNPzGwosoueUjYEJkmc04/It1DLFqEyGbK1ax2rjrvPz64KGYatvJ6MZkvv9xfMfX+du"
    "Hfijy5Hz9ePVhw8NIKVsW7f6QItE6LupJmths8I+LH5wplWq3NksnAIJ7uqVdWNdbBLrTH"
    "Z3e8bqDCeszmCdeHdgxp3bDD5+GsBd0BTqb2dvNn6AzN2nP3l7d/Jab3Ltu7ALjOYkQ9po"
    "sY/o42C89qtZfu8ZCbK9N9vBIznu89FXCAeUWXRmCaROYDvuF4iQ8305z1mD6d/F9ZQAOW"
    "7DcVdibko8syD+XbKLpoDb9uqoM9pmxo0TuWdXpfd5dU2dbpO2PMqqxo6y2FQaw9IBsJCt"
    "WPhEkr8Spc9BGcus4dEtXbHG8p+nuAkE3LIQWDY75ISRZ4QuBL/dVkOAOqBmGh3ukzHlvg"
    "lkqYfgUCCG0IlQs3p6lGeqPNzwvMzDes505E4/E5FQKYELU5r0KfEKRafymFb2m7mjfmT4"
    "OY3emSoOCYgDnkLfA0pJQNQwjYNlry/WHMNe7riZMOx1chZj8YnTxxPNIWHjFymQDNA1cn"
    "zHXsRm6szgUzvXaZFogGx+9nwfH5Qa1e7ge17zQ0VsKaK4yePfxegtzQD5fJK8RKWu9IlF"
    "FsgwDul0HBIDzo9E0HFgt1tm4we4U56i3noYTDfjtCKgrebaRIzqa2PQtKMhWftGVSHFnA"
    "OX96lUWNpl1FPQOS1K2mVJa79bXcStfu58/IA83UcD7JwbADVwdmIrglOc4WrSGMrf2+eV"
    "VSl75pc9INXomAlmZYPPxF96GXwlUjxdXT5dc2HZle+qkA0hO/pEbjJXIsimpdBFU/g4vT"
    "TqjB0XBu2MG18tTMgVgqS6yzZRQo518qOnu1fx6ca7VP/O23DnwdEljWJdH35JA13V3qB0"
    "6mHjE90DY6lOKAMYSz2jvoWx1NP11MJAHwb6HrgGU+1n2MsoKBFiDMhxmwCDfY9C0JmebL"
    "NrFmkGuGu+2GPPfNG6Y76oRfzoRndyXChrwjKXr0Y5PCP7+BFWnUVmzL0mz+GO9LMtISbl"
    "9E5M2BrcdhIo06EAMAvw4TEe4R199CabsjycLuVcNOilHYVrCzRYQfWACqrs2zKknDYXYW"
    "7nf4UMRXCACDA06kJo1GcL/aCWW3yNEAP/Zc4CdMfWCV2kQX66Fm/8AL0722OOH9LWnjvj"
    "juOsCegewUcCYwmVZBZEMiapmzetaErUc3AfLGtJFtRPc0BN3qdMc00VWUO88WjTYojRgW"
    "UywhDjWbMK02VsWQOyRIVMxWp2J0VzLiPhJ1Or1NcCyQCd4cf3z1KN2unjHqxSDukLRg/t"
    "4xKAeoAVCzuSlFpiFGWyruDqoCweiJU2czAWPfhniB4z92isZpskqcdnXz9emQrdeIf0ac"
    "QQzT31bMzMdNuMnQodepqc8TT9TJW+6tPoI43uLhpcTaXroy5f0zQdOV5kQ3c6m66hHBeV"
    "MQmFoiY+3ehiXet5MJ0TGoZpVS9p6pblgFnTjSfUmDgSzyOR3M7rLqdjT36A48lFiPDjcE"
    "ZNxUqJU01oBGmj7zSQHqj1uHaI7FZ7XNmk2pql7dEkzaI3mpfCbAXPk11SH9oTud1FRsSD"
    "FBiu3ZWe2k8EkSL0dQsvU86wUI8QGoQ1uMNPdiddunHr+KvOnnZlW6qNZQV/ZoDTkWnRBi"
    "M9oyl5ZmhgSiyOoEykunrDoZBiWutRCNggdf3GMGLU36B//iFsieifxxSgh8JYTAE6VwpQ"
    "fiDZqEglokenHJWR6tk5bbX+S1RoFVe8lOxbQzSpvd94Nn4QS74rUeYU3cbDgN9Z+TNzAn"
    "RlHuDKlDGNkwa+t59uW4pBfOen7lIllqxfHZYSIWbiOZ2Jl8rKrghLiWiAa+kkGcw+mwb9"
    "clvLlFjWyOX1lMnKbkGVqYaXb3mSBRUxKpuMrnY1d0sxBBafW8+9Zyjlw+G+jfvr/PF4x/"
    "j46Fpq/az+7wtbMRpeNIVltldHnbEZ9dM42g7cGaH5Yy7Imkoi52JtGlvBFGkId5sgZJo/"
    "reeMm1jFOss7qEdijjIjxjyc2JEw5nHGTd+JPL5hslZtgU3g4nbNOydAM3ZfrRvOnJ41mk"
    "qk6BlyzpJ1RkVaLEOWMr9BRcqv7lCRSuP2zd/cKimh0mtGkEq5YVCtdUSgbdQb088zBn1G"
    "netQ+dUo5GRKOZkwIpeMN2hLR58dNScnzh7UnM54vGM25wmYCvvS2Dqls0I1pNSAo+V1pi"
    "dQL2WpSovaknPaEpYufZSCxoLPA29Z8bNIloKDJ/ai0fzIr+4wP2DceJoN3MP+MCRPpHak"
    "jkiwMJVeAEGua7tAEg4g2MGhCv7WrT8oh5yDaXEbrMDZKpqMkGPfQqPmtTP6jm00Zn6dDg"
    "vgHoslVTOQyeaNhsmLJFaGjGR6+klI+Z0cQWWbJRPqsCPw4ShSNamX68GeHuuVXF+ebr6R"
    "TagemQW3nKgHkG8IVTeIaShuE/XwYk04W7HoRi0TZTj5EowqmuL+n8inxIMf1carnxysLf"
    "U3kQGfstKb3vAsaYDqF4MeHrrnx5oTb0XDIG3qB30/2LdYTaKDuSbxQMzAypvNyEKswNSL"
    "dW5V5hZH6L9DSnG7MYc49ZM5w/WGbesILxAhS2tmh2+F+s/GD1A1OQngPzvubHmc0QwBfH"
    "IGNiPA98QA33t1UDr2PQ8osjtIzmaGSg//SoUU/StO+1cK1pStoCukCJR2Wc6BlEm/5Vwk"
    "RBm7LGOIaPeQcIEM5eu8fO0yHQokwzODTgK4WomeaUMlQlxILi+k1AttK+ECGcrXaflmMY"
    "EeMi6TopwfhJztDsUKGR6Mex2MOdfW8wZut2cBVumGwO5z5AI6Ep3/hYXBikWbi4bYfH5t"
    "1BWZ94ujdoflOWErxmOT15SWjPtORPA31HR7o+PkeZzviSSB/72Oo1MS0+iWxZck4NCQJZ"
    "Y6bh0xGhJF2NTr5XT30oH6tKxd1ijG3EuH+jXxiEiRh/khlB8FcayRyFP2lHhU/bFYQoG7"
    "KZTEh/J4QjITLleTr2kQy7H+y3uTwgDUHOKOAXL5Vj2XuhVbY7zbHf8qgpdPzmKEEJy+2p"
    "XevGxYuqVAZla1qpV9kfIiDTK0luIvg+bOpd1J/luqIWHrz1x2HzEEJ8YQZDphncVfFzQM"
    "27sqFeiG9H2/eP7j6/yLhj+6vuGvH68+fKh/tCarppe3qEKKsW6n3UUFi8lW0BVSFLTTgv"
    "aVrduj7ltOhV5fl6Xb27WPfn2HJeyYu/PKKEwXHV7PbMhoH+fnmBZG73SCfoYO1IaAQBsM"
    "kk2TpbFQSOxZpO2nIQvH6NG6+8V6vkm7XejUGc7qjs8TzI8uRicMYXQxnpzFxeqj6eK2Y2"
    "qFDNlaM3Jtj3Y0vxw91fdxDnV7LlodRA+5/OYx3BYsiuxqr+UEQ4jAlx1tr/YCPLzqADy8"
    "qgMeFkEYBpKpG/sNX23rB1slG5K77WilWiiXa7uiDlsK/HxbP1/HjKhfWEyDxrq7lRGjvU"
    "wofzt4pwX1G4uk4DR8AyYMtAIsVcg1xQdSwIekQaFMgM5nSQEZEdM1BOr201Fn11ARqEMH"
    "hRFGxNNjdJEEXYphGdIpMyUYAKbCoSki1KhbYGU6p/RXtLzOaCI4kfk5VNZOg2XAeIMR1l"
    "VyqUA0vAP6JIDapWKSVeGInGB4DH65D39ftrP3ZY27yjBV33iD4t6OVC6QDIHD5wApl+Lo"
    "Im74nNvZnY1HXtvzOlUXbf1kBTKMgLnsK8tsAFsBF+lQwi5LWJt1NttlToD7pf1+KemqF2"
    "agSIfhBacXlBGVXSZgkWaA+NOhVYrNvIYfKGcXHV5FfX20l08xzIbu9Chez1kGkwiytlup"
    "jy8WeULYSLsD6SyGnxWFAJfcG+InTAMteJYvZpAUgRJTRa6nus8NV/r2XN0DZpGM+5dQLR"
    "Wqteq/JAFeSj2XFzIqmTdSA4LpnOirkw04NVk4O9Tl6Er2CLoe0fWIeWUuMRZRu0NWz/SZ"
    "YrNecgKszfiPOid71uyr0uKacW3NOKZqXxvlq0PZvs7Vsz3U7a0ut1vh/lWstWqa6qyZ5k"
    "vWUEUhaxogdWCdyGQ6ZVLCXEGYKBEYILMZBc1w6zH8404PQfw/5kHI0uD+kkLptRHx1LE/"
    "YboMBKjWqSK/1pUcwPYgNARFHi4rdd9H7dq9nRe7FJz9iMuWWZ2prbC7IglC7hogd8AgaM"
    "vXK/+xRoyKg2uKQ0lFVIfWOD20ethUDeQob5flrZUMyxNogsZVevI4onK/+7YMos0XtgAG"
    "Rk0qd2VEp8rN9NhxVBy8V95hRqF0V59upEcmDFp+afXVTEq+Y9+mYSKVSv+99k+HYdY2WV"
    "cz06MUQaq/NqcfnuY2iIV1YD11qczokD5+CSm9DnoVNC5RYnzb6TMedkkLeygbjrZQgy1k"
    "jpE6N7tLhGU0Q2LpmQuEYd/mAe9WjujRf2fMf8fj5pLF24ud2vNMDRuzfNzeVYufSJKVEr"
    "zUsAvd1xa0VdBrYVZw9UpGo+lcN+ptL0rcb6oDFOAljRoWZXd2dkZznC1xtwp8+g2xf2o2"
    "+onPj8XAYp/3d5ajKYfVgF1naCyWwbTOzXZEcE4wQDjw65d7oIFfv2wFA8Olyv6rjn9uvQ"
    "eUqdADjeVo0UQ6v4n0K6Nl/b96bbTTQJpnw/YCz2skTaZ7kdtAnVsk4IQS2A8Mzj1XeLM6"
    "hGrId9S0VUkB7d/XLaZjTm5wPAYXD7NsjTBJ5kLxVllfULtDHNxYBc2tCzS3HNg30dx6GO"
    "YW6gWoF5xDL4CZ2vQCfW2nXpCP2qkWvNdYWToRSazz2dQ5Dc7NeB4xnce2UKx9Sjz1ISrh"
    "axAtVDAgzwCw+6quCBw+HeIHnDhyED9wzlMd1aXTMHYixB2AZu3YWqZC74iDhd8GyVkd7b"
    "T1PRdokJ+VL1VrGbYW/pYKy12XPfnsW4Pd014uJxs/CD9+l3lzinI52n/Ww9As0qGV6ZyV"
    "WRexXbmcIs0g1tUZqny2VTrvKEM5qErn5966DPd6uckqpJjy5PL+lQvLbgurkA1hhZ1hE5"
    "uGQvZaUiVCXFAuL6hUVHbLqUSEi8n1AnrvwQciYsanm39ljfjoyohRl68/2I4d37H9kNLt"
    "gjjA9Z7efN+PNh1+HA32foPo5Xbjz3/a42tVo9objsM1DK7fi79oSsPQriXSlgKNsf30GL"
    "EEhjQiGNrZXCIaIKePDwsN+DKJx3JOn796Xef024DTaNMSFq1QVtg92cSmwssDY3gX+ANM"
    "2KKKqPj69v2nqy9/NlvB2fjibvL2z+t3V7VAiYRXqHH/X75+/tQWIckoqop6MI3J/5AwkA"
    "/QBd3BemBFt/+h6mqo8B0mqPofphED3vSxlUqU6D51zlpyRIn/wPxbFrVmOBYvd6rvoR5o"
    "leWYgmFXjBhIGSBs0pIcupedwdMA9GaSTO9YrAvrcV2b+pJwDaqdzilXr2VKVwMzZEMK5G"
    "nuoxvtaRCvKYCZV+XL64xkOGAAC5ni15T8+vnDL8QPmHxKAGg8E0lEvJvk+Q/PX4/15B4x"
    "a1jecJoWMDGAkyeSTGhI+ZTJvFK3uqNm+CXx5lTO9SN8/fXqb+q8I2KVFvPOyZcRWwUiUT"
    "PDYA1b3k6RJYVKqIwiptSAlGFMKGI5AvizzhQV0YJqCLS+41jdRKqRHuKd3LECEO90RkNL"
    "MvUyjTXwulDMRSpEMfdGMd+pt7Xy1aTjB2h3PXu9j7emquQUnDWvq3aXbu9lTkQbHlfIkN"
    "V7sFqphvaMLhEhm/dgMxbquad9ms1mbAoaeJ+yYhVaNGWdM2WxJtMjFPTSVLs3Vqvlnlol"
    "xa2199ZKVzTQHOkjiAZiFEVvUcyBsIcUynQogN4CEGvWSwBlOhRAbwFgjtLxHUwUlN8gtk"
    "2mqZAhVzHz61ycnSXct+ZqgQg5WtkBFkpfXtjXcqvSIV8rXreIcjmzjodUyJCrLedVBJFT"
    "ScO+B1eFHvlcsTa2oWdbR0uFFJH0LvtZ1HoQVkDOnGCAMYGT4DgjRmUTiLM9qW5LMYQshX"
    "Mn1RWBI3Wud2e0V2nv11h/dsB3fbxkduBJk8OjHRibUSAgtvoFdwFiXUHsCXGXLC+awHrm"
    "yqgTp7cdsxOh9wf0B4B7SI2Oi8QagF/wz7TzrKmJmeVivCFQ/1JpxoBsgbKYRB1ziofQ35"
    "ZM1aPUsXlHvwOg8q5I6lEynb0CmDvckDt1wnIy2Zg5lLlJRKSIFsuQaVSXHjxVz0JmQSRj"
    "ohYJ4SJ7kA2Ln5KrG64+vVgxTY3hvtR4uXSAvsd6rp4ta9obAbjwUGDcioZJA7io/fjPCQ"
    "aXkfR6r8P/dcfh/zo7/DEj6fxAualYWn3IOcEA9djjY1vuFdr5cBRaG0emstMsvZg5BfKy"
    "VhVw1QsTUiJER4XLjopUVHYp/yWiIRjTw075/yDii0bDI95ldcT7mRzQzHcaMV+p0Kasvl"
    "HgQzbTSSdB3Nz/t5tEp+oUsC6xTpSBV4O8nNBk2aQZQZB0k+KTLom37WmqSbapPXAnmOCG"
    "z5QVUWwkbBKGDCGUB2YL9W1kFYLhRjJZZLWEFVuelBJunpLfzL1veJahRONEPZIyWxTBQr"
    "IQugio23jmgn60EQlmqdEhWTyCkdzk86Sj/HHhRRQ7vCgJWf5AOvMJbBch1R/KRko7JsM7"
    "gp1k8ojUALBtlJLL1VocGfbBy2vmZdrvE4mZQO4cwJgJdE4dB9Hl99UGNt1i7XhfIkP29w"
    "f304j30u1LhIj2dlq5L2pPtnKu0qIZ57Kkt5qi9XouUaKUXZbyUoTBdJNFUm193U3EqA9W"
    "82e16WTjDNlSDNDlffzCUGDE2rA3Gz88N9PxeYtI/uNvCGHA2diUoKkztdVMqVANqJHD82"
    "cvf3z504vXL3PzJP+lyypp6B2eu8JsVZYyJaosLqssdVdmP2lXZ0CpPwip92go1ESLh5Iz"
    "waSP2p180RBPSq+MukJKi+2YPYBsolAKjQTyDYEojfoUACW2VHaM4DQkUK3Nl0RjuCD4EX"
    "DiGbycNyLqA9UX1HM0AtmOfAcds1pGYhaEbLyOglhNkUdsoI4RxJBMzV4Td1pHIla0dDon"
    "d2yTRZjSGS51kCeDw3ER3/BY32tNJYHZY8bJhM1ElI6C3+/YMj40muNWnOFxxHYQwna61E"
    "YDPbWyOotEA7Trj1gnvtCemi6smJyNH55pf5KMF4h8NWSNtfM3Jxggg1/t4zxRo9oZ/Krm"
    "PlkqJll9wDnB8Bj84vke/H3xvJW9cKninAqieO7TBqAZ2H8trqkCTZfF9/C43cFdsOBaeD"
    "dOSxqPg4YcrFZnVAs1OqXqTinAdNn5p7cUQ1QTjl/N0Zg2dQ63NyUokBzUlcA1Vnew9iRt"
    "CSp2aQ8RFEmxQUR/SciYxkmDADrSanIK3GX22GX+UwT90E0lQkQ3Oe1k1jZ6RMMx5JBaG/"
    "dFQlxTe6wpw7WWXJHOIlFFMvTkO+PJ/5zEE/Ht3YrxxvSQ4uVRl09f6IFjlo/c6dn3cl9x"
    "7hwv5CKQwE9TsikneladDT7b5nXXPfkHz6g991mDh3yOvAuLaZRDsgF5LxeWNpkZEW9Jo9"
    "gzCSIUEtHZN+qzabCgIfGD2yC+4dB/ZfucOs0kr52sb6meLus+s40E5C8xVabGnbqRgRWk"
    "VJAWr+4gOBvdcJ3doSsEQXoK5IbozJhYqKehUTanYYAOamRRBP36nyEXXrIIEGLZ2IiFjE"
    "qWRRnUvdJcnZiFYXEU3VxCMsutYNIkscDvnH2L4dEwu8SVrWfUEYFwK+rzYHf3ismFQZ2T"
    "MFZttnWGdlchymgG5Pc6RiGie+qF5CZDz5yFA58kt95zy1SoUVfb8iyDqY05mBMM0Aw8Ps"
    "Z4STehoA3fa4f3cEuCDtwD3IbYpeWReLYKFp6toCukCJN1Wc7abu65nouUKGXnpTye0SCE"
    "rIW6pDty3auEQ0p4P1rM3rCppYPMHsuotYkMriMH1xGLIrvK2hWy4UG1hlau6vOKRX7CPg"
    "ScXTTFJQqXR51xCTNwHGYj92huD2O3WPp0Bl25KZsNnO7awZ2WelrTIIZsASiqBIVlt7Vp"
    "m5raH31+9Ko74X5Ar/rJWYxe9ZMz9p7zx4fJ1PtLIHeNn8dW/LdHpq3eX6ZEb5jbej8NZD"
    "8nSZEQheyckB2xN36j0R3z/24sg5q5UbjaaW0s9bjxLBu4h7Gxo6FFirkBpT89YkdE3T8M"
    "mEYzZUPFgskmU+PIsx9gaLiSgelQV4wj5l9iSvG96cm9PuxG4gGGnk+SYgw1FGyYnY0fIn"
    "+PjvCWKYB337h+Nh6D+gcF9ZciagxddJ2NW5oBftkn6hc5ZUG/diYVUrQk0JJotSQAmHfR"
    "bEboS7tsiHzQLvuhXbYYEnBCXUS9/Ox6uW0i4IDz/44P/DxrdR+3mXsSBWUaMeBHD/2kTI"
    "nqCaonnerJv7JNh4YCV/dRUsZ36cA9HJ3Q6EvZigEN30DKICWSqZ9iU/IQsg6//nr1t+ev"
    "XkMOJNQvvIT2wckkDKZ6SNrT1xA1uTqPOr/JBIU2ptLT6ZOSqVeGxQL9tuSSTplsniDlzF"
    "PyPpZZIqfUFSMhGdKnUN/xhoPHVWeIJpKR736//vl7fZcsjVOOdIKl7kfWmAFKJN2cpF9X"
    "+1beqG48fCfssWpcoaZ3L/l/mDh1XJ4yvgoiwReNXsCOKoNlsgGqe6fwtMJRM5Zzqk6lOr"
    "PfBpxGmzana4W0wvDJJjZY8cF8wm9TT2qu3SnGvn3/6erLn7nfNVfxPnz+9M9vGzyvb/+8"
    "fnfV1NvcrgpTTjHArxyNGme++Adh1JSd6ytx19O3XqTEBAyXpaxYzKwKEOcEmHSxX4Vn7O"
    "L3KJaRjMcJIBNFQxXf9mLIVbrHXBA5YsuQTluK0XUGzotkw9uWjuPScMVfqTtW/hLRWTMy"
    "s3B51OmxNJ0v/XzkHi5LxfgETNq8/cqEQRZWWi/tEmqraRedpCsmofIZPJxMq6GtApmDLS"
    "HPC8qmNfktT3MTjP864VhBr+DZPVgYotz6rPbST5916KfPmjBUZtOp87ijhsGWBJOYGpKY"
    "sjOgztNr9q2FqUWaQXy7Xer9u3+/Lmn2NdBlyfmXDa8iMSuuP9oPCVikQ5eU01aWEZWdeV"
    "CkGcS6GnahCGMAfIEsv4tW+8Bc3sc+iPKRO+2DX8VaXYpyTZytNQYAsqWMQq7nUpp6ALWU"
    "Y2FqJlMCpZVBdaXyTkJFh7pRcLSZTStKIQN45rygtQYepO0uC5YD3If5I+hsCaOgVFxWLj"
    "qISOAfjDdIWZw+pa3e20SMZgeaHY6YHdkqs/umtzQIRCjzcxbwQM57KWgVUnSEu6aiOaU6"
    "/Js5UdqVh2zAPurDqjB2dwcMNpsxdZ6s2HgWiYU+n+ERdZmn7Wmuj+i5UG9EYJg+nCfsNu"
    "Ac/IRwQMPXXFMijjq7wUOKJCr0xcgM0CfqT+jxQLV3stCWemTuZ5puBFsHpbkRF5xdqlkV"
    "TyNhVO58asnUF++nzbdL08DV7NHT7HWl7TBfvxXHNhNO7eaohpz92CxsQHs65woU6Jtr8M"
    "2Vt1HrmHyNGtUR19SR/Tyx7SnwHZ5YTIN/Y9MSUysYNk7wLcUQwvjn9oBzEVtxOxs/CLfo"
    "uZmtU4W0WWrnj67SDYL5Z8DRbflm70Go0mKYx+lDu2BC2qysCtkQTpChx3pE+DUW07uLRm"
    "dNdnHU7agR4Vjm4/aK8qgH2pBgoevt+AQKBkiTYgqT6cTNkM1SABfjvi7lvaJh4I91H05v"
    "BAX4OKC4mmM9R5wfHDVXhg4KiIsE4kKRuof2npgc1ZhMGOPqPopa3W+T5tOi08QJW77daR"
    "IxvYTsmF0iQndJ1V2yXUW2OkKFFM16lzWEiC3Ue8Hb1qTc1eCyRDYk79gZWly6ojNkHuNG"
    "nSG/2K0zlIZhUa7BnrD3WzvKoaoYx68cpcuWjMVsJiFxXcf3GtKuuzbjthlwX7balzEz+1"
    "FoP+4cv+ptaNhy+ppruw7f7ah96kzRMATrWcZ0NjM2M1U2rzpvUzwB8dk0ABM7xQ9427xZ"
    "75J4pqiGhiKoWbyAL5PYayw4dbIboZ7guJ6A8IUT2eNiCe/cCGBo18JKRAMMjxxfGdN7TZ"
    "3F7SHunADj24fEt/uUejq0xtMDYvqpijwZFcI+8lomG+DOcprAa8a2HnHXMimaFc6ZFY5W"
    "qkExD9p6/EUZUq0g/eqY0T7W5NgvDt9pVv4B1t2E6aZpJiWOZDOZv5URF/i6WAfJNjESxC"
    "Nd+FfHiEw/tRQFrzTWhs7Qp7oJmpNOWDloTp4/KQ8Vv8dZuc417j90faDko0liyES38tBs"
    "SQa4mI5fGto4jm23rTLVABl9kl0r45r9rlWmxF3L6V0rYlQ2uZXbsx22FENABp8j3cERq/"
    "H/JJCn0mAqmgujLvvwr3zITpvwWtlnbEXDRMceCunPeg7fmGW6Mkv6+4L6YNjVDb/eMwHa"
    "9x2dznUAkQLnpI4nUhIloXpkaDOzFPAJjPIWNEsWBcLPDMxJ4iur0EQv1d+btA2NZNGK+T"
    "c84AZbrBj8lHiS06WcizjP007bGD/RRWgm7JJ4YcChZc6crhihC0AYQxccsgi4miaBvjdo"
    "krpjKbWbpKY8kKU9WiJCY7RujKKVfwrGypjGiV0Pj5xigFry8c0Rc4Q0xS3b0XpbGsTn9c"
    "bnwfnayzQpEaJl4rRlsqQbqB4wXihVSFi15KtTDsFSOTX4xe0yhO4uLIsTWVsBdba244ty"
    "AsQXHYAvMhagDd+3FMj4Q4BdqWFsw/oiDTL/AOazb8uQ8hbUaDv/K2QogkM2nmksIhvNJS"
    "cYoP2FPRSd+dgfnC2AIfRHIeaIhYz2g8hWSLHsgGtydiQI9oX5bJExvxYJK1wddYXDovK4"
    "3SWNjdtPB4jWWWuBmN4BKpETGoaXxFuLKJ6PdUTIy6Nak2QjR02RonJN46NOb7ojpO3g6V"
    "TXw9FTm/Q9Gr4BqKVkJL1GTIyMpCTklsWS5BPoOb30OdTcXsRmLGI8rZi8nleo1WPIZLkM"
    "A/VvSCWUOlqnJBCsWLR5Sj5zloflSB4DILd0xW74ZAOjWTgjsRB35IdSlG/bII5C6dEg3p"
    "iJJpFIbufAD4zBueM1wRjcyVmMMbiTM/Zea1M9HA0Go5oY1XSJxfcS1fwroTxWWkmd9a18"
    "L5IMifNHq1Jf0HrtvugKYS/mOrb/3lMtnSQCbd8KsV2kGeCe/WKPLftFexvymg8UCqPauP"
    "hzAnTuH+bc10akpXJXIUP1DkMmZ65DgDiPU3/EGJXqw+AH4cYuihnaw437h6YayDFs4bK8"
    "MTz1OORciX3YaCMNpIg93QN7WgwWWfg/anQDstOP5gOB2ORdY4339u+4SDO8D/gkenUe17"
    "Thc4loeIx+9vynfdzTz39q90/DtWq5wGC57HUKlynxEHb5EJ4l4SwIw36dziu0KGmXJT2l"
    "av/rKekqLUr6YUjaroJLlW54B+VpwNGabWP7Eh81wiEw/BFV+vgCWmXU3F0gvzbqBjgWRu"
    "2ENwImL3UJQwENof6Ugc/eEC/w86IYUtdv5GQi4vmIeOl4z/TbkwT6gJNnMIDR6byOcTzB"
    "PQDo+JlrwlkUMO4/kXpOaF3A/QI20VwlfuBvS46Y9gZpraMRzAkjDd9Y9EQ/zw1PK3xdEo"
    "9yuVaPkz9q4V1KD5A2TCApZamuCfH+UwRcH3Ywzw0vUqr3nSkp6Wvwe8DhNeLaDWCQuYvh"
    "iqKrefWhUkk6fcyihXxK/g6s8/yE6fnVc0sB6bVKOPqFoMwJ8UEoMxERmr3dKK2/GcS6/I"
    "qGdfqIsnQnZoEoy5OzuNBV0SwKC/9WgQLhPQ2uLcStngplGdh1fMvGDzAIv48Hq91/VfNe"
    "6U5Ilp9rkQY/VQQEnxcQnOucts6ZEiFiGZx2zaSmg7WndUuGrjeX5RuxqYj61fOtkOJCdl"
    "rQCO87PUbVuHIs7LgCBSIU6mbcLKS3Vgj2nAAR7A+nPI1rH/E5ICFYXP3UIZdSzwLtnrbV"
    "b7ZUqMK6rNmk4YMeEi5TopRdk7I7YdOEl2NN5SujHSHTbMx+ffMgssdFTBiNOPMJncUsgi"
    "IpI2hXF7GsqYGp4wKhy0LDA90MD966pV3eceY2lWB0bvd4GtI1ADDU71DNZRom0MJ9XezN"
    "p65fEpPQYAKlMxHdBit1BzMHScvFSB0pxDCgO7YNhgFPzuJy9XJ1F0uelqmQqW6gr11j5h"
    "ng1xFbikgdJ3aM3tIMkM+nyidQ+kRPj22JFD22zmm86Jp/hILO6hqOczxzXd5vhQgZ5S2B"
    "68YJKlJXikI4LEG//fz5Q0nGb99XnUG/f3z7Tp1kWrhqUBAbf3wdMFQzZhpEsLPQVZV+SN"
    "isM5cHShkKtmMvSWSEKIJDRZAZ673EUCRGURwqitSH0ksSBVoUxKGCiJhG0cc9ZVEmR3H0"
    "FseUyl5V/Mp0KID+AhA8hpZqc8XQJhFwGm1aRFChrGqrm9jUontgYujiaBp+z9VVZeW/ff"
    "/p6sufzbHNtw3h+rd/Xr+7qskg4VAbSiQNdmKn3VCh7GcwnCfmdfHHXEcCIEKha7gX+ilD"
    "ThSkM623yUtqDMR9SKysInmp75dmIBkfiEn5mjD1W1o2HsIed2wZQyQkmM4hqasWQzm3he"
    "JU/OtDwNlFawxMXx3tjoONw2zgXtmDMPqJ1E0A3pDbSEgJYaLMjzUCqUMOGSewoxeadpu4"
    "UrwjJHaSO2DoyokQAIauTs7iqk/aupx9gQhZitHA8zRaHfMElnKdq63WQoVqSObC0aC6+u"
    "TsY4pVCIfEXDSGH5cAsEPGGRnvjG0Ec1w02kX6yqjbJsrH7O4Vp/uUedoC8QrX4CdlxE42"
    "JBRTGrJqT7dAgvVS6oqm7J2slUJD07jT3McUVWFkHcRz4kEmxjjrTvcD0AoebohBBapbKH"
    "pdgoSzlbL5oa0eWzAf2sSFYj1eqwUR5RVTzMkMhtoSnB0+0X0MSMhmugWdMedNWRZ4AS7i"
    "QAnXv9TOAO0l0M9EC93t0tIxaXc5NeUk7QmXd6NTT2t6zqnb0uznJzKbEV5EFiZMu92lNV"
    "e2w8WaZw4HeDZobKfu5sHwcSqHnOHw9lOl3xQYnvbrk/lzQTc+GmiEZfb02kHC2VNyBb6R"
    "peBQTAaKt8Ad1ZRqtmCRLMZyyZQ2ns6t3ypVJtV43W/emMLQwi8SfjJV7zPSb+OtaBj4Y5"
    "9upGe4FGhMpw8cCKmMMwxp7sBRT+mpr53Lmdrb1FLwnhKNTi2x3IvYXwnUwIZPkVz98suX"
    "d1+/QhvAq99++6z2gI/vPl2jwe2Olt1ucGM1jlP1ExB21Tiy8QOE2h2/9rTa+hq+1nbmZu"
    "MHyNzj147QZ1udu+2ZnTkBZnYekNlZVOdsuF+lQyEcIISC7mtnK1YI0WDsbakLpeuOldqa"
    "NByfnRHTMiEiLPdHWGLHxfv+6IMFvWXjJArr/G9PPC8RYe65fe65MY4BblBnezeIv0yJ2c"
    "kuQ/iNrHRR235izklRzi7LOXOWAa7Ixjis0g1hJz158ycWjVPYRRgsggZwW3tUpYF0QIrD"
    "8erkaof5uKVTcKcmXCVFXXh/XTiPYVh80iUa/JYbvuU8dmPlYy5RYddl7L93tg92G+Szcc"
    "WVqQ5yxDnG33P74eI5W1iFT3IC1N52a2/bSLWdu6dMN6B948zenoawvp0gWiZAifSGh6Ww"
    "CZvdvkiDe33/vX4LUbHQYspEA/rwj9lCOAfxWNqPVdIz2o8ZyObB2o8ZMspGeSnSDE9/OT"
    "5CgU7jYGX7UW+J0B2y/+c8jRiwpE+b1xIlljlyznfuFEr7ayymdxetUG1zebQbrz2W+cj9"
    "KroGKRpZo2pThHCaOcpJlOimjpe6dSUgkSGbWQ0Ta6JLsqoxXMQt9VyPNfMBGNqUJ7a5fw"
    "UiRNTaImojtlB3gPvWz6cOk65EhvChB5lvkoTsbeKrZdq4kW2vdu9jatx4sh24cxu7MnUV"
    "WDSCJA+DQXuzbYQL85mcDebDAG/JokD4HiRwxIUS0n8lImaQJCFZtGL1Pe00t9HlqmMR0z"
    "DPGVmo9Za11N0Q094mb71LwxDKh0GmghSKI9HBW2TSZB516OpJo03UE0q8e0t8cG5GzDU4"
    "fyhILzWbr3hLMURI/D6VfZ+1F/Z9Vqvrqzcou/M8J8GzvLdXNpG2RdwyCmT6Q1SgvrLbBe"
    "PxR40OatKhygM61ShphqZQo301KTOagKKhvfemFpWy13RRQB4TjQVUP+j2viPCvk3DRAYr"
    "ltaxWs+DUHfqkGpYqDSaJj3qNDfBVEsnTmWsbXROxQc1yhM16Da7p41KWSAZoE55fBAG9f"
    "v1DyjSoVfdOa96XcSTjc0yKtIMcB2dqO3KQqx6NuMoUmJ+h8urKZOV3XoqUw0vun60BeWK"
    "DQjFgH6hm4sm8y+7Nuq0/GAUQIMs3edvasVjITa3ZJFUVoeYpWWKbumKERrCJWPAQf0fou"
    "7W4TE/xswHmHfmRpbuwUNaGrvs5j7iAYSe7rPbJemqrh/xzfxMh3ed68NiJRzUWPkQHakA"
    "glHbO9cv3nCObi/vOErVwPF0O3Kv0zSKmHHVaeSLngMq5alZ/Df6H2JNFsl0PjIRYajur4"
    "Ey6lzTFfcEWVBfOzhN1LjlaD3NbdCN6sSW34WvcQnT5O5RYFOrLl/gFrlAOQ0eEb0DnIgV"
    "u2f200bDqL3kzpZiEL65LvfQKQruKNWhKdWtwxuaEQyC3WdwhZptuRdev0SJkQXnfKGO2B"
    "bXAYvaTYvC1U7LItYtka0MC59NA4MBnRiwvImNQ8nsAHxsacFtrejDWJ/5RHADPQVbQGNL"
    "DfQCYBa+BCMhaEDvn+5WgHYtzK5dgXeMLQ3wFeYeQYcrSBfgSmNVH/Fc/QkWiiQeoER0ka"
    "K0/rv6PPRfaLa4o1Mj+uOMZku+IGw0ihLRALWK4wMV0n3GhskFEmTxHixmsxnT6ak99LYq"
    "LWpuzmluZZtzKqJ+yJ8KKQracUE3Oxe6oAqDci6cetMM+DKxq9iypcAi+QcUbDEpeeM0Jc"
    "82xN1EjKqtWx1GHUM8HYen/wk5tX3O3RIhnrpOn7qMRlzJytZgqZDh+bvH+durojrWUn8Q"
    "y4hKGdz2WUg1wuEhbk+QCpIxrdeSqlPj2nJ6bZ03COqYJM8QA+UibgCztAf1s/FDYO85Iv"
    "ouBSIj5geN5XYKV0e7A5HbgftVDQOQ/kwNMwh/SWJhynupyeSIpCVxYIDpI5xldrdUCjtk"
    "Ngz8OWFmYuDv5CxG78gpearLowbxxpKpFTLkaqWZ5XSaRFEvr1OFFP1OTiv1GNZ7JILu3b"
    "PhGL0aXBPs/cC204Pcpl1AkWRInD9atwAe3M6t2khtCZCfjd37MOvyXjaHqVgsQwaF53ts"
    "E83EQ5LGQR+4Q46fa11es8Xvc53V3tzh9slrdO72+lzPGZHJAnJNNfi7AAkHx4w0rpuS58"
    "bAu9dQzT1T8ciEzYT624vnkUhu517dIXTKGx3gK3LLi/E4PEep7GztiQIZ2hJoSzwUwbpm"
    "S3Txf6jawZmZ32Z0dLF+mHbHudsdonXirnXS3YF16AbK4ynSc512WbxosmKya91GTHHUTh"
    "PG84O0Yo5utfL592uibAQdW74NVizSWaXvP+U/qsEMfq/bKAfNhAFrx80Ot0w9d80NrFN+"
    "/4zNN6I6V9vxdCWiAUK9X+wBqXvRCqh7Ue8Wr4uYLmkUW36+dUr8gFETd0MTR5Do+co+YR"
    "PhXqJ4CO5MR2ypP9hkrgziiwZTKrs06rKk1oVBu0sRccK4r3dhU3sUDjj11V3mjXwB0Bvo"
    "DsBZde+n5L0B7UpCdZyGhjCqqT/UMWeHgkPvYzJnNJJp1SKpeAe6OvMJnanTmXhwVckqEg"
    "vvKdHxJ6bWnR56x5axepxptFmqJXWZdqbyRJhmm3g3HAw8eKI04gRtqYJbDiBm8ZR8nkFf"
    "K7HmcB8ZitjLMc5zIVna5lORqe2VKKmAawOtRHcUFSxxfn6N0Cx3W7aWqBCGW2lnpXaeOj"
    "e/LmgYtsfYUpoh6dgvnv/4Oteq4Y8uPfrrx6sPHxqackYNGYrtxnY6fIBm9qu9ctdedeSu"
    "varnrsViGUytippsKQ4qavJw1v1Japqo28eg9Fl82QWSIRiFlcTMV/tkOatR7YmZr2p5zk"
    "avtOHxlmKAG8jLvTaQlx0byMv6BgKquT2fy1TD+5xPxupeGfslQkzWd82nUZTx1ja2FXKZ"
    "El1XTotZzGZjGfBpg0t4x1IuEuJSdlnGqXuphxe6TIlSdlnKGGt4VGK2awZbphqgSTG0br"
    "BXLAqm84uGsE56ZdQV1aHbMbuCOu38PnIkotXf2Oi5bfA2pmfHYREIxxPNRh2Bh7RyrM2y"
    "L5AMcc2/erWXq+ZVh6vmVa0knVpUFhxOhw+Qu8/22lGfdeyozxq6NAkeM96gobS7eQskWL"
    "za0tF7r4fZP/4/wKdUkw=="
)
