from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "outbox_event"
            ADD COLUMN "relayed_at" TIMESTAMPTZ,
            ADD COLUMN "relay_failures" INT NOT NULL DEFAULT 0,
            ADD COLUMN "relay_after" TIMESTAMPTZ,
            ADD COLUMN "relay_error" VARCHAR(200),
            ADD CONSTRAINT outbox_event_relay CHECK (relay_failures >= 0 AND (relay_failures = 0) = (relay_after IS NULL) AND (relay_after IS NULL) = (relay_error IS NULL));
        ALTER TABLE "outbox_event" ALTER COLUMN "relay_failures" DROP DEFAULT;
        COMMENT ON TABLE "outbox_event" IS '`recorded_at` is an instant of the programme''s clock, what tells of the relay real ones.';
        CREATE INDEX outbox_event_waiting ON outbox_event (member_id, recorded_at, id) WHERE relayed_at IS NULL;
        CREATE INDEX outbox_event_relayed ON outbox_event (relayed_at) WHERE relayed_at IS NOT NULL;

        CREATE TABLE "expiry_reminder" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "expires_at" TIMESTAMPTZ NOT NULL,
            "days" INT NOT NULL,
            "points" BIGINT NOT NULL,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "expiry_reminder" IS 'One reminder, `days` before the expiry (exclusive) of all points that expire together.';
        ALTER TABLE "expiry_reminder"
            ADD CONSTRAINT expiry_reminder_account FOREIGN KEY (member_id) REFERENCES account (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT expiry_reminder_once UNIQUE (member_id, expires_at, days),
            ADD CONSTRAINT expiry_reminder_days CHECK (days > 0),
            ADD CONSTRAINT expiry_reminder_points CHECK (points > 0),
            ADD CONSTRAINT expiry_reminder_in_time CHECK (recorded_at < expires_at);
        CREATE INDEX lot_expiring ON lot (expires_at, member_id) WHERE remaining > 0 AND expires_at IS NOT NULL;"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP INDEX lot_expiring;
        DROP TABLE "expiry_reminder";
        ALTER TABLE "outbox_event" DROP COLUMN "relayed_at", DROP COLUMN "relay_failures", DROP COLUMN "relay_after", DROP COLUMN "relay_error";"""


MODELS_STATE = (
"eJztXW1z4zaS/isofUm2SplK7BknN3N1VXYyu5nbmXEqcTa7e3NFQSRk4UwBCglao9vLfz"
    "80+CK+S6REG6b7S+Ih8IBUNwn0y4PGvyYr6TE/fHHpujISavKa/Gsi6IrpP8pNUzKh6/Wu"
    "AS4oOvdNX5rrNA9VQF0Ya0H9kOlLHgvdgK8VlwI6XwtGArkhaxaQFVvNWfCaqCUjvnTviF"
    "wQds+CLdkEXGkwFR7ZLKkilASMekQw5oX6CvcZEVItubglPCRexF7A3T3p6tvri0Pe6JP4"
    "JH6SXKiQ0IDpPhL6RHCDcEr+lwWSSH1HGbAXZCbYZ+VolEPVDAaAB2A08DkLFeEiVFToey"
    "q4k7v8JBRfMUJ9qR/dXVJxywxi9YbMfBoqZ0nD5cyMsYSH1D8C/o5/3BchQLgwP01oKbDQ"
    "yCQS/Hd9fyVvme4caMn813/ry1x47DML03+u75wFZ75XfAfMwA73YBzT7Kjt2jT9+uu7H/"
    "5sACD2ueNKP1qJCmi9VUspMlQUce8FQKHtlgkWUMW83LsiIt9P3qr0Uvz8+oIKIpY9uLe7"
    "4LEFjXx44yb/voiECy8aMXeC/7z8j+QJc90c5+P1jfPL2xvHmVReUHiE0quUXHKlgJcbNA"
    "9i+iMedycXc3UCN/j+x8ufvzy/+JMRgQzVbWAajdQmfxggVTSGGhXsZL4O5G1AVyvWUexl"
    "3Ckln17YiX73badCTcVmmaBzgmXCg7tUZHrFb98J1SDVHagkUB7Pd09MlPp59f+++rezs/"
    "Pzb8++Pr/47tXLb7999d3X3+m+5omrTd+2yP/q3V/efbyBB5J61o9XA7hQFD29pzyWSCfh"
    "F2Ao/t7iXybCPVzyKQKF3lvocsM6Cj1FoNB7Cz1k+scLt+M8k0eh8HsLP7NQ66QvaLCtl3"
    "4BVhL/fKtY+AQV0CbL99dXMPIqDH/34cLfLn++evfx8ud/fPnh8u/GkFltk6b31x//kvbP"
    "WzdX/7h5e1kn/YC5MvCYp72NqhJ+0PID/6JFDSV8SRteMsCL9I8DNJPY6E9AMTfvPrz95e"
    "byw08F7fxwefMWWs4KikmvfhlbnruvIhuE/Pbu5kcC/yT/vP74tqzBrN/NPyfwTDRS0hFy"
    "41AvL5P0cnqpqnG2WDDt8dyzviovD4A6t1nnuXBCV22XoKhnm/WsOAuqCv5+SYN65ab9S1"
    "rV4nmCq+dkRT87PhO3aqn/efGyRbF68TQhgIuXJWV9TFrOTNMfFeE6Ia+1E9u/oSLyBJ+Q"
    "baIf2zfkREJxv5eaMyTOlLZpGQLWi7tc+BQuzKl7t6GB51Ra5Jls6lttWp2tyleooLdGSS"
    "BNeM4sN6LtJq62k9q8SdI2bU+c5HrtzZzMNhwSEY7PVzzOJpiOZCEDAhkDBfmLDQ1JqGTA"
    "vCkkGgTzsvwF5DhCuoW0xraaLjn56EckHrqFvjHV0C/VYFd6x945sUuSAbM3wwjWSKKLQZ"
    "z0R4P4AIM4YAsW1MdNmyVcAI1QzN+cfXeAnHWvRkGbtrKk1zJQ3Xy7PGaEcj77+usD5Kx7"
    "NcrZtJWyL64bBUGvQGgJik6edeZ/8YPqHfE+fbAbFT2coqnSv3UeJfmgop7/85frjw0Ugg"
    "KqrGLuKvJ/xOfhU0zytSgX5FHQazpXZimm3DT6fU2CCQa4Kk2pefewJsMnpc+oqNdCGVrO"
    "8mnsuBRwdX39vqCAq3el9OnHXz9cvdXmg9GG7sRVQ1Z1bZiGNQJvYy1lGExn905nr6XP3a"
    "1zz4JQP29Xf64OjE5dScTs89qngpqbd5jUSzCc1Y+Y1fXtFRN9eBtlJFI3ph2oG7aEsH1f"
    "ujSRUTWIvWudtoaxi/0O2gKgZOQugatOiS8VmW8JFYa3vn1NuAqJq10wrqa62WNzrsiXgt"
    "1S4Cn8aQr0eqDpQyDa3LWe+3/yO2BA24r1AwPaD7lEw/fSUaJ5DAq0zNOTqqM4dwgUJjpH"
    "j+cc2WKywBC11oppaDdUsi57bZTyDr83ZJaLDGd7+RZ6kC/CKQllnCDXtgZEOYjZEBmC0c"
    "FV1Tw55eCwHfFS2yp6+faIoncs1P1XjIC0CRdgx8gNmEFg88iNmJI58/UV2KiIZo09sxqa"
    "NQ+4cARR3Wa0lhxcVLsLbQz5t9Onk3FVfqw9Z5j1fB7JsLmUd/q3dlwSiqgj1oSnQ2ftsC"
    "SkXMyOQi3BUKoVapG2SzvKtABCiVrjel3FE8ikxvlKm6Zt7tc812mvA3a5ir0ccJJWXMiA"
    "aD2CC7MgM7NWCXc7046TS8OlYzpkftOaBgp4yfoP7oEPFFsXVT9soHugR2XBNzNFjwqZzy"
    "MQLJJzkZw7LnIumAG9nNQCEF1Uq11UJOY+E0WndnKXWTOPGeGseX7AnHneOGOeV+KpdLsC"
    "ptVKexOyxrhqlnMV2UvalvnRg9cHkIr6sbvXLYhdAmIku3cke+dwd9NAEYcKOIL9jDkcpJ"
    "3bppLTeNShoOtwKWvs0mbOeR6DhPMjCOfI+X90FSDn//HLNQbMYyvzoJ1zYyUg5sdsy4+9"
    "54JNmnNkpnl6QJ7M8dOe+5JlzSLGVJQFr+cUU1EPad89MjtmnEKNDzipCrTRG9wBxuQNnn"
    "3z8tuX351fvMycwOxKm+9X4+cF0ovcGh+kJZq3g4wwaHr6OB417I4+YaQyckxvMEbynpcC"
    "9APcM99ZBHJVn4hriGUXYW1JuFF5GpBTq5egkj3kF4Oes/SwcM8jh3swlP/8Nkl+L1drnz"
    "XVdci1TtviEG6x337KLoGIxa5S8MI3+w1DRbcMOLJTEoXM03C9qACJVhDtuQPfNn7diEsF"
    "mTMSrpmo2TR58tExNmKFj4mxkcFFjLGRYWs66HnJ6RwgKaHGtNCeLEqSrEC9aIRlLPIIre"
    "YRImH02SgaafZD0eytcT+itRTf639Mat2PrHWP+wH99FvgHZYF1R5CDIGj0DVoSvjKvDae"
    "OZCdevFhJqbmG9RKWTKyy6bHfgWPXYtbfq/dByXrnJBT3wLqt8wyo3VmcLNCln8WF4rh+r"
    "WPFIzP+K0gd2wbviZUuzWK+vI2ig+7F3Cq/Sf9TsPJ1SF4QDQ7Hx6dHnuMRzwA/hE20pmJ"
    "rSvdJgdCkVbMc6/TtsS0/wiX8EF2JIaKqqgmdNss4R1ijDK+OETEZds2J+GLsoAfNcL0dN"
    "I6nWZZJDYOI9nU0uzhIJeg6CBb7SDfU597/U4uLUHx6FKb9czDMOr3OeeBqGObdQwpyR4a"
    "zsFQv9brd95p83sOMr7d2IMUDLmXvF9ioADED8m2D8mSaPXbz2sebH9mK1BjMKmJWJd6TN"
    "ui1sz0dYJ854NOREkRUzLz6DackTmDWK8JIseDki/ZZ9ePQjijxBxs4vspucWElk0vOPgk"
    "ju3WH4syzG0wrGyFt4hcmsFFXNjKrL+DsMe6VESiO27dypRXM8ySVQU30nrS7sjnwbIi9u"
    "wCQXbNiGcrS+zodxDAlwoKu/2Vbevs6FKPVjua7/o6d0nnR9kHn9z8UPc+6X6a9Nt+2/Qp"
    "JjiR/PDwmXrtxHWj3O0QI8wkDxKmkmsWNBQ2ahZzATRCSZ9+WzcX60g54ZKevbqosySbyx"
    "eVkVi+KG++dCtfFMJPqEi/eUPnDnHUZs6nE4EdpnRXwGjP3RAFJBrxaMTXG/HvmXfLgrdw"
    "hO+kxoLPN7ea777p6LCs5wHsbS1GDgdwk3hXFMSek7jzSt4zL97ZKQUj88i9Y4ooSaiQYM"
    "+/iYnPxF1SoX8WoQvFAhBG3aEvw9zH8LiXUss45l9kJ8VkwXTC9QtLhSKwgXXJ3SWh5Mfr"
    "9z8Qj7PwBbmBEz9lFJDZp+js67MLxww+I/E3HH4SNInSp3xuMqc+FS7Tf7AlN3RzfUsj8T"
    "dkBjX6zDP88uPlV3rBIxIevIBfB+yey0gPDZ0Txno6hCGcm/2zu+PdQ9PHl3jOjU1WPgb9"
    "H9CRCpn+MbWnsbTFMPMojGL2jmLe6V/bKRaT9B+hX3V6LjSsek684nWRcQmGoj5A1Nr06y"
    "7oAgjFfICYMdv0SPM0WywYnIvK+uTGS1h0Va1zVTGx+AwVDRuKoQaM8Uo7zqllKE6tvadW"
    "ek+5kUgfRdSAURW9VbEEYA8tFHGogN4KkBvWSwFFHCqgtwIeuZrY00kGdQgwUTB+udp2FG"
    "oJhlLFbckPdj51JLqX1ciBUKKVetMiXHSO25dgKNWStbZLzXV1VEtQ3Ehms5+qF8K6swaa"
    "46oZYIQx1UF4bgGjYR3J7YZ9bjC4d4gx7Hht+1re/v2m8KFUSD8FulXavcwEKs1cnc/pw/"
    "P5+hDcbGHgaPcoWk/qyDdxy7SVd7Prs5dx8xvs5oR7hIbtAvUD5cL8GXMACIfygRm3GqoN"
    "asONwdHtDAocEj0taxmGUyhDqB+lyrU5+R2AZXNJEg8yKagIY/tbcqdXBEHm23gMbV5CSc"
    "ZdCfu4s6ufhSx4ECqiPxIiZPogW3Z0Ufh76kedyqFlgNFtFrg4aN25aFl3LtJ1BzcLPDzH"
    "xZXrTi9yBhihCYVF5+x/YfW60jUAkSFQlhZZPqre7FH7bB51mMED9S/cgHlcGSLrJjEffL"
    "ZQYJfwmlNn9kMM8TeXWVOGdQs/DVi+fszZTfjFQOFNsqFvyGxXBsBAdkRhuBMM8ElANel8"
    "7Y2YfhwDX0Cd6JVWvx4tYxuH0QqeC/7UYvmiwN59QX6K7/1JpHxnqiL9SNpo0oBVyPx7ba"
    "np28ziBvNoU8Lhd8INQqam8dE6hhyc9PKc3A9BYrAtH3Wb6YTE4JOvQUg2e7TSBskc2E32"
    "BRiKvz/XjwaiF/2rAETyl91B9Zx501XPZSymT2zWtEVFrVDLw5E5pc/draN9ibA7JaIWjP"
    "ZgeTtNlJZ/PHgnTYYYYRjt9HUgkHx2+pf28U6ytEycpy58t4undF1Wi0hcVm1eVqvxsH7a"
    "Lo+AWn8SWoeyCV1jajVYXJSsyUh8MCHPSU1SImmZtuUlVrs+B3AxZK44B+HhawKhfv0qAN"
    "FhrW1tKagPp93DuY5LFsRZAi7ILKZ8zKZEv6CmQT9HLRdjgDscEem3Kwb9POL+SJkYjgUf"
    "s5a6OHwF0Ah9vkHORDT/7yDktP8YmKcPQO6FrEgNQb5ZvhlghAJ+dUjQQvdqFvCrSthirY"
    "XU6QXOAOMT8PnZAfI9P2sULzSVgkI8UEuP1lRsBr+rISSUw7R5Wk9P2i3SBc+pQXZOUt3O"
    "4TUk/8YgUAMag0HVYBAQcvxOc8AOMUYz4fSFfwK54HUSbq5Pm4McVaDWNlG3iHaQCrV4ZP"
    "XA7/b/SN6Pb1EAIt/C6pCi8QwD6juw6aWzS5kH4jd1wDcVS63hJM/WXex5GMZtrYnbXkdq"
    "Lj+/vWeillGeb562RXCl6eiwrOfeOO4sV9XMkLKpyOo+J7zsLJj2RUhcbdndTWNauWK+H6"
    "adAubTrf4v9WG7XE0Z66FuZOjs5mJSgHqaFIZmJLms33kZzJLNd4psKBSJXshgaujtIdP3"
    "F24yMISWYaPdgmrjykNyuC3f6bQlSGxXYP7JToUlhwTj7oPUSpFr7nYxkDLACA2j03Os1n"
    "TrS1rzyrY40jsIOtJHONJYWPXZ+HraTuqp5zwSSULWa9kBMxjYfB3i6lXgmDYrnSymnvNY"
    "en1GjfVA8Tuy8DsyLmi3uFgBNr5U6snIAJZEcH6iwR3z/hzHWioBnFzrtC1+szb99OzpHh"
    "i+udxXO2jOFjJg5lysZCvBlOj7+5xBcQCWdpWrupjNyUc/IpZiC2PJoqpFeMSxdetTh1BA"
    "urOn14tdCx5hiGAQSh4eyzVgbipMUg+Hxl/S/hh8OSr4spZBrSvRtjbuMCN8swcqJesyft"
    "83yJWHYpDLOrfNHk9CifpNPGnTPh8i67TPf2jWLWY9rTAX0S5/cLu8K4VpxMyl0yfoHnQ3"
    "jN3CHcRAcQMG8uhhnxSRaJ6gedJqnvyVbVssFGg9xEhx7pKOBwQ6oaqp9hU59V8DF4ySkO"
    "lLiugh4oLqv/x4+dXZqwvglt2xtXoDldqjuc9d0yUpnx6D6kKdJx3fsNJMmelwltDM9E+G"
    "jwWKl4Zr6rKwfoBEMkNQz5qn2VpT4OkHSE+1XwutsIdnoCUTREexFlBIcC7tlRX3PJBiVR"
    "uha9kxW4SN0BQbIgoKy4ATLqleMarCbjsMpwLteSrO03mFT3koTuVciG57uzLECN9ydDis"
    "eeOfhMNRDHzfy7uece88EslKtmnZFrfSFGn9W1yjdVLnWRY6TFudy0LB18P8yxlbLBicSc"
    "ycRSBXuzMx4EQLSpKxYj6LOV+TQDezzWjObrmAyuxmixK8zRXv8uSjY3jeCtsaHcMHd2Jy"
    "X/WBjOQcAqnIdSciFOamrut7FY1rvG1rfF7b+tdG9RGAZo5OHoM8nSN4OkKqmvRX80HEaf"
    "9ReKNtX9EQ5xCb2Hq4bCiT0FLArIQbhfAfIBSwk1t3L7GMxXCAdYuILY5iaiBP6pzErHHa"
    "6iAWuiFJarRe2ONyeSzKhJ6eyWMKtDhysQghWcH03b2Opwk2jTAmJ+2BD7fDaDwuv8Muvz"
    "8zj61S4VfW31xr6wIcFPvtj87GJ4+auKkpCbWhIVH0jkENKTgy+A2ZbWSgls6KCyj2tEmK"
    "Pc2jbTiFPuY60S+jqqtNdfLh0TKw3DLAolFYNOqpCDZgZt7uJtUCCJlQWPX3YSta4+nij+"
    "MB/B5RobiqCXg2yj0PGZPkT5Ygy5l+3d7oEnBEZws8tF8bBVDloFMYP48Z4Zx9fgi1vZnZ"
    "XgnnaCetZr5uzglmAEwIHpEQ1F5vt8JQGWCEr/QwWSk8OnzwHbMYdRxr1DGvZiAmHnFUcA"
    "0cmUI26ztgPqNh30qveSjq2WY9Q+wdiol1MUPyGCxOeZAhsoj8Bff9Xt9TGYsflM0flEuF"
    "y3pquoxFTT8NTXejGJZxOIUettnQiM3RTkNYtwOgmUdbAY5B4A/Bp7WGdQBliCe1jAPTMm"
    "1nG2R99jINfkvT/0IqwmggmEdMqXWgAcB5VMzUO84xBGDbQ3zm1GZXF1n/6irN4IRjm/oi"
    "ccLEcX26gZlEX58RLlw/0r8pBsyZgUjd/obEvpdnhlvI4Jbf6zvEYxBXRkIRfV9PCtxhZl"
    "GUBRkMg4u4WpK5m0yLKBRq3WGVFhRut8o8GqSuNVYBfqgqwGBP9AyMFaAY8bbavcMzzZ6J"
    "osPIHFoSOJljXtX3lZQ+o6KBHlY7QLlykx5hXIq+ur5+X9Dx1buyI/nrh6u3eiUzytWduG"
    "qgeFSdmRoV7GWPlfFj4jM9MOcmESj4jr00kQJRBceqIHXWe6khD0ZVHKuKJIbSSxM5LCri"
    "WEUEzBwer3rqoghHdfRnZtKwFzW2iEMF9FeAFIoJ5Sy1QOtU0FxotIzsWWfUNjW0SfSEhU"
    "atyoy854JNGrMjpnW6P0Pi+GnHvWmSa8EI9P4iNAXLX5PbQIYhJBDSCMcU6tVxBZsj4VuP"
    "sxhQ0C7JOKg9yZJB7oBJDSuCw5jUGFzE5Whl592DORCKFPNEwwsVJntHRPApV6XaaEeWUG"
    "MyJE+2f82snH2M9BJwTMJFN+l5KQA3JD+g4K3xjWCMSa1fZFqm7T5R1md/fRoYH0560h7I"
    "LNeWHP403xJfutRn5ToyPATvxfgsaREM7e+kO1drCtUMcx/DJvPlxtnotznuvpQbogW71c"
    "6U9JlHzHZPcxOfLRRw1QQJ5YrNpbclqygErhlR0vfgVKtYdGTD1ZJQIKplx/KYsbWo+T0L"
    "4rOwjJeWdDDnbKGjZo91hvXNH34zJR4/OlzRQu1/1bytzcJN+49QuKev+WLWpqp0m0sIZA"
    "AsIXBECYG8GdBF+mUcKuEIJYCYnD4+RgmIjkZvD0+umXDuqR/VLJ+t3K0iEDlbh3O2sDDS"
    "Y7/0fKVdXycK/Kr8m3fDFUC4E677yRJ6suBer9Nyikjc3GszKTjWVSQUr/m6DlFzBkU926"
    "xnvQzxVbRyFO+2daaMG8NMOrQDvmaBk6Trfb7iNdsqmqPxNdARGQ4ny/bFAVunoaBfqyVc"
    "hqItfLgtnIXPO7zSBQy+yzXvcpY46BRjLqCw9nWl5CS/7+oj70A4Jxw+J2BhxNEakFaluH"
    "9R0r2bNOa54+bp/mS3E2Y9DyuUwsM4HSwXu6xvQrsVJIgEkZF6Q6RgJhes/wHd5IaYSie6"
    "j5CqoUzKqUY+IpH8qMcuPNO0csBW+g61xQjb4okFGMbQnyJZ50Z70drXFuZ3VyayXGvrPK"
    "bMHuxdx73T2CWJe8NEA+CYtJKe7wSVmDzmco95eq6pTlWd0chrsXwCwg0IJ3c4INrdObhW"
    "AI2QfnH60Jo2ULsKOQdBER8gYrZYMOMI9/Doylj06azz6bD0z7NUdH0x2baSaUdVkbVNmU"
    "NPmlysozpWVDMzbYdATtoRnDQ8+WbsG0FHk5+wKQYRMI+rSVMMIm6d7o9B7DoeFkqFUOZC"
    "d4tLMYdEyTjmqQcLp0R3gN070OGLkMgNHEwdKiqawqfHjIYxCgu+iCnGKHAif9oyNTljrr"
    "YdhVqCoVRLNHfXbNvs45iWoOiYWu6YYgTiWSg6XDPh9dlFUQJi3rP3NopkIa+JUjQKPw8Z"
    "k+RPxt0T/HZZF/dplOgOgPLECiZIioCQQ0BFuDA+eDUckbZNW4MR+V7765h4PGDGOzaFOq"
    "5/vYGTokywAIpIB6bwyLuP2UXdmcH1mkolx4yEEQgrnA6MQAwuYiyoMrhgs4moS46vABph"
    "mu/8gCzfeWOS77xyMCdEmVkAGy86vr5VJL7AaPjZ4RUKqWr2yTTvq0/7j2Ej6ENvqcetMr"
    "1U8RRiXZb4Upcs4O5yUuNJJS3TNj+K7vrs86KaFXtiv6Zx9q9dSGtm/mTOOc6fsT6E0uzG"
    "JOyWLoZhDjJCs/Ds1asDDEPdq/m4TGgr5QH1R9VBwkn3EUr3m4MOI/2m5TDSb6qHkSanuF"
    "Ql3Myvy0GQYNeRYPeoi9kf/w+f0/jQ"
)
