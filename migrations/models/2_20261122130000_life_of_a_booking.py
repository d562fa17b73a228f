from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "completion" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "booking_id" UUID NOT NULL,
            "line_number" INT NOT NULL,
            "completed_at" TIMESTAMPTZ NOT NULL,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            "reporter" VARCHAR(200) NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "completion" IS 'A line that was flown, stayed in, used: from then on its points can be spent.';
        CREATE TABLE "refund" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "booking_id" UUID NOT NULL,
            "reference" VARCHAR(128) NOT NULL,
            "reporter" VARCHAR(200) NOT NULL,
            "refunded_at" TIMESTAMPTZ NOT NULL,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            "supplier_cancelled" BOOL NOT NULL,
            "points_clawed_back" BIGINT NOT NULL,
            "points_owed" BIGINT NOT NULL,
            "points_forgiven" BIGINT NOT NULL,
            "points_expired" BIGINT NOT NULL,
            "points_reinstated" BIGINT NOT NULL,
            "cash_minor" BIGINT NOT NULL,
            "content_hash" BYTEA NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "refund" IS 'What was not earned after all, where it was taken from, and what came back.';
        CREATE TABLE "refund_line" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "refund_id" UUID NOT NULL,
            "booking_id" UUID NOT NULL,
            "line_number" INT NOT NULL,
            "gross_minor" BIGINT NOT NULL,
            "cash_minor" BIGINT NOT NULL,
            "points" BIGINT NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "refund_line" IS 'One line''s part: gross as refunded, of it in cash, and the points that came back.';
        CREATE TABLE "parked_fact" (
            "programme_id" UUID NOT NULL,
            "booking_reference" VARCHAR(128) NOT NULL,
            "kind" VARCHAR(16) NOT NULL,
            "reference" VARCHAR(128) NOT NULL,
            "sent" JSONB NOT NULL,
            "reporter" VARCHAR(200) NOT NULL,
            "received_at" TIMESTAMPTZ NOT NULL,
            PRIMARY KEY ("programme_id", "booking_reference", "kind", "reference")
        );
        COMMENT ON TABLE "parked_fact" IS 'A refund or completion that came before its booking, applied when that comes.';
        ALTER TABLE "parked_fact"
            ADD CONSTRAINT parked_fact_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT parked_fact_kind CHECK (kind IN ('refund', 'completion'));
        ALTER TABLE "lookup"
            ALTER COLUMN "member_id" DROP NOT NULL,
            ALTER COLUMN "row_id" DROP NOT NULL,
            ADD CONSTRAINT lookup_expected CHECK ((member_id IS NULL) = (row_id IS NULL) AND (member_id IS NOT NULL OR scope = 'booking'));
        ALTER TABLE "booking"
            ADD COLUMN "redemption_id" UUID,
            ADD CONSTRAINT booking_redemption FOREIGN KEY (member_id, redemption_id) REFERENCES redemption (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT booking_redemption_once UNIQUE (member_id, redemption_id);
        ALTER TABLE "completion"
            ADD CONSTRAINT completion_line FOREIGN KEY (member_id, booking_id, line_number) REFERENCES booking_line (member_id, booking_id, number) ON DELETE RESTRICT,
            ADD CONSTRAINT completion_once UNIQUE (member_id, booking_id, line_number);
        ALTER TABLE "refund"
            ADD CONSTRAINT refund_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT refund_reference UNIQUE (member_id, booking_id, reference),
            ADD CONSTRAINT refund_points CHECK (points_clawed_back >= 0 AND points_owed >= 0 AND points_owed <= points_clawed_back AND points_forgiven >= 0 AND points_expired >= 0 AND points_reinstated >= 0),
            ADD CONSTRAINT refund_cash CHECK (cash_minor >= 0),
            ADD CONSTRAINT refund_content CHECK (octet_length(content_hash) = 32);
        ALTER TABLE "refund_line"
            ADD CONSTRAINT refund_line_refund FOREIGN KEY (member_id, refund_id) REFERENCES refund (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT refund_line_line FOREIGN KEY (member_id, booking_id, line_number) REFERENCES booking_line (member_id, booking_id, number) ON DELETE RESTRICT,
            ADD CONSTRAINT refund_line_once UNIQUE (member_id, refund_id, line_number),
            ADD CONSTRAINT refund_line_amounts CHECK (gross_minor >= 0 AND cash_minor >= 0 AND points >= 0);
        CREATE INDEX refund_line_booking ON refund_line (member_id, booking_id, line_number);
        ALTER TABLE "award"
            ADD COLUMN "refund_id" UUID,
            ADD CONSTRAINT award_refund FOREIGN KEY (member_id, refund_id) REFERENCES refund (member_id, id) ON DELETE RESTRICT,
            DROP CONSTRAINT award_points,
            ADD CONSTRAINT award_points CHECK (CASE WHEN refund_id IS NULL THEN points > 0 ELSE points <> 0 END);
        ALTER TABLE "ledger_entry"
            ADD COLUMN "refund_id" UUID,
            ADD CONSTRAINT ledger_entry_refund FOREIGN KEY (member_id, refund_id) REFERENCES refund (member_id, id) ON DELETE RESTRICT;
        ALTER TABLE "lot"
            ADD COLUMN "booking_id" UUID,
            ADD COLUMN "line_number" INT,
            ADD COLUMN "matures_at" TIMESTAMPTZ,
            ADD COLUMN "matured_expires_at" TIMESTAMPTZ,
            ADD COLUMN "matured_entry_id" UUID,
            ADD CONSTRAINT lot_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT lot_matured_by FOREIGN KEY (member_id, matured_entry_id) REFERENCES ledger_entry (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT lot_line_of_a_booking CHECK (line_number IS NULL OR booking_id IS NOT NULL),
            ADD CONSTRAINT lot_matures_then_expires CHECK (matured_expires_at > matures_at),
            ADD CONSTRAINT lot_matured_is_available CHECK (matured_entry_id IS NULL OR available_at IS NOT NULL);
        CREATE INDEX lot_of_booking ON lot (member_id, booking_id) WHERE booking_id IS NOT NULL;"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "lot" DROP COLUMN "booking_id", DROP COLUMN "line_number", DROP COLUMN "matures_at", DROP COLUMN "matured_expires_at", DROP COLUMN "matured_entry_id";
        ALTER TABLE "ledger_entry" DROP COLUMN "refund_id";
        ALTER TABLE "award" DROP COLUMN "refund_id";
        ALTER TABLE "booking" DROP COLUMN "redemption_id";
        DROP TABLE "parked_fact";
        DROP TABLE "refund_line";
        DROP TABLE "refund";
        DROP TABLE "completion";"""


MODELS_STATE = (
"eJztXW1z27aW/isYfWnvjG6mtROnm+zsjN3m3mZvEnda975tdiiIhCysKUAlQSvau/3viw"
    "O+iC8gJVKiTdPnS+sQeEDqHBI4Lw8O/jVZSY/54YtL15WRUJM35F8TQVdM/1FumpIJXa93"
    "DXBB0blv+tJcp3moAurCWAvqh0xf8ljoBnytuBTQ+VowEsgNWbOArNhqzoI3RC0Z8aV7R+"
    "SCsHsWbMkm4EqDqfDIZkkVoSRg1COCMS/UV7jPiJBqycUt4SHxIvYC7u5JV99eX+zzRp/F"
    "Z/GT5EKFhAZM95HQJ4IbhFPyvyyQROo7yoC9IDPBvihHoxyqZjAAPACjgc9ZqAgXoaJC31"
    "PBndzlZ6H4ihHqS/3o7pKKW2YQq7dk5tNQOUsaLmdmjCU8pP4R8Hf8474KAcKF+WlCS4GF"
    "RiaR4L/p+yt5y3TnQEvmv/5bX+bCY19YmP5zfecsOPO94jtgBna4B+OYZkdt16bp11/f//"
    "AnAwCxzx1X+tFKVEDrrVpKkaGiiHsvAAptt0ywgCrm5d4VEfl+8lall+Ln1xdUELHswb3d"
    "BY8taOTDGzf590UkXHjRiLkT/OflfyRPmOvmOJ+ub5xf3t04zqTygsIjlF6l5JIrBbzcoH"
    "kQ0+/xuDu5mKsTuMH3P17+/PX5xR+MCGSobgPTaKQ2+d0AqaIx1KhgJ/N1IG8DulqxlmIv"
    "404p+fTCTvS7bzsVaiq2gQk6J1gmPLhLRaZX/Pa9UDVS3YFKAuXxfPfERKmfV//vj/92dn"
    "Z+/vrsm/OL7169fP361XfffKf7mieuNr1ukP/V+z+//3QDDyT1rB+vBnChKHp6T3kskVbC"
    "L8BQ/J3Fv0yEe7jkUwQKvbPQ5Ya1FHqKQKF3FnrI9I8Xbst5Jo9C4XcWfmah2qQvaLC1S7"
    "8AK4l/vlUsfIIKaJLlh+srGHkVhr/5cOGvlz9fvf90+fM/vv54+XdjyKy2SdOH609/Tvvn"
    "rZurf9y8u7RJP2CuDDzmaW+jqoQftPzAv2hQQwlf0oaXDPAi/eMAzSQ2+hNQzM37j+9+ub"
    "n8+FNBOz9c3ryDlrOCYtKrX8eW5+6ryAYhf3t/8yOBf5J/Xn96V9Zg1u/mnxN4Jhop6Qi5"
    "caiXl0l6Ob1U1ThbLJj2eO5ZV5WXB0CdD1nnuXBCW22XoKjnIetZcRZUFfz9kgZ25ab9S1"
    "rV4nmCq+dkRb84PhO3aqn/efGyQbF68TQhgIuXJWV9SlrOTNPvFeE6Ibfaic3fUBF5gk9o"
    "aKIf2zfkREJxv5OaMyTOlEPTMgSsF3e58ClcmFP3bkMDz6m0yDNZ17fatDpbla9QQW+Nkk"
    "Ca8JxZbkTbTVxtJ9a8SdI2bU6c5HrtzZzMNhwSEY7PVzzOJpiOZCEDAhkDBfmLDQ1JqGTA"
    "vCkkGgTzsvwF5DhCuoW0xraaLjn56EckHtqFvjHV0C3VMKz0znDnxDZJBsze9CNYI4k2Bn"
    "HSHw3iAwzigC1YYI+b1ku4ABqhmL89++4AOetetYI2bWVJr2Wg2vl2ecwI5Xz2zTcHyFn3"
    "qpWzaStlX1w3CoJOgdASFJ28wZn/xQ+qc8T79MFuVHR/iqZK/9Z5lOSDinr+z1+uP9VQCA"
    "qosoq5q8j/EZ+HTzHJ16BckEdBr+lcmaWYctPo95YEEwxwVZpS8+6hJcMnpc+osGuhDC1n"
    "+TR2XAq4ur7+UFDA1ftS+vTTrx+v3mnzwWhDd+KqJqu6NkxDi8CbWEsZBtPZndPZa+lzd+"
    "vcsyDUz9vWn7OB0akriZh9WftUUHPzFpN6CYaz+hGzur69YqILb6OMROrGtAV1YyghbN+X"
    "Lk1kVA1i71qnjWHsYr+DtgAoGblL4KpT4ktF5ltCheGtb98QrkLiaheMq6lu9ticK/K1YL"
    "cUeAp/mAK9Hmj6EIg2d7Vz/09+BwxoD2L9wID2Qy7R8L20lGgegwIt8/SkainOHQKFic7R"
    "4zlHQzFZYAirtWIamg2VrMteG6W8w+8tmeUiw9levoUe5KtwSkIZJ8i1rQFRDmI2RIZgdH"
    "BVNU9OOThsR7zUtopevj2i6B0Ldf8VIyBtwgXYMXIDZhDYPHIjpmTOfH0FNiqiWTOcWQ3N"
    "mgdcOILIthmtIQcXWXehjSH/dvp0Mq7Kj7XnDLOezyMZNpfyTv/WlktCEXXEmvB06Kwtlo"
    "SUi9lSqCUYSrVCLdJ2aUuZFkAo0cG4XlfxBDKxOF9p07TJ/ZrnOu11wC5XsZcDTtKKCxkQ"
    "rUdwYRZkZtYq4W5n2nFyabh0TIfMb1rTQAEvWf/BPfCBYuui6of1dA/0qAbwzUzRo0Lm8w"
    "gEi+RcJOeOi5wLZkAnJ7UARBd10C4qEnOfiaJTO7nNrJnHjHDWPD9gzjyvnTHPK/FUul0B"
    "02qlvQlpMa7q5VxFdpL2wPzo3usDSEX92N1rF8QuATGS3TmSvXO422mgiEMFHMF+xhwO0s"
    "6HppLTeNShoOtwKS12aT3nPI9BwvkRhHPk/D+6CpDz//jlGgPmsZV50Na5sRIQ82NDy499"
    "4IJN6nNkpnl6QJ7M8dOe+5Jl9SLGVNQAXs8ppqIe0r57ZHbMOIUaH3BSFWitN7gDjMkbPP"
    "v25euX351fvMycwOxKk+9n8fMC6UWuxQdpiObtICMMmp4+jkcNu6NLGKmMHNMbjJG856UA"
    "/QD3zHcWgVzZE3E1sewirCkJNypPA3Jqdgkq2UF+Meg5Sw8L9zxyuAdD+c9vk+T3crX2WV"
    "1dh1zrtCkO4Rb77afsEohY7CoFL3yz3zBUdMuAIzslUcg8DdeLCpBoBdGeO/Bt49eNuFSQ"
    "OSPhmgnLpsmTj46xkUH4mBgb6V3EGBvpt6aDnpec1gGSEmpMC+3JoiTJCtSJRljGIo9w0D"
    "xCJIw+G0Ujzb4vmv1g3I9oLcX3+h8Tq/uRte5xP6Cffgu8w7Kg2kOIIXAUugZNCV+Z18Yz"
    "B7JTLz7MxNR8g1opS0Z22fTYr+Cxa3HL77X7oKTNCTn1LaB+yywzWmcGNytk+WdxoRiuX/"
    "tIwfiM3wpyx7bhG0K1W6OoL2+j+LB7Aafaf9bvNJxcHYIHRLPz4dHpGY7xiAfAP8JGOjOx"
    "taXb5EAo0op57rXalpj2H+ES3suOxFBRFVlCt/US3iHGKOOLQ0Rctm1zEr4oC/hRI0xPJ6"
    "3TapZFYmM/kk0tzQ4OcgmKDvKgHeR76nOv28mlJSgeXTpkPfMwjLp9znkg6njIOoaUZAcN"
    "52Co38Hrd95q83sOMr7d2L0UDLmXvFtioADED2loH9JAotXvwfGQCgpS/IVZT/Mu9Zg2Ra"
    "35rq9zxw472ruX/TvJzQ+dlpLupwkb7A/VPsXADAZtHz7CSH2/XapwhxhhBKyfw3LXLKjZ"
    "kF0v5gJohJI+/XYULtaRcsIlPXt1UZV007brMhK3XefNl3bbrkP4CRXp1xPRd4ijSOhPx3"
    "Lsp+RAwGhHFlcBiZFLNOLtRvwH5t2y4B0cPTaxWPD55kbz3TcdHZb1PIB1osXI4eBAErM5"
    "oXx0wjlfyXvmxYx0KRiZR+4dU0RJQoUEe/5tTNgg7pIK/bMIXSgWgDBsxar7uY/hnyylln"
    "EcN84qXLMvrh+FcDuuX1gqFAHi/ZK7S0LJj9cffiAeZ+ELcgMnFckoILPP0dk3ZxeOGXxG"
    "4m84/CyAvQIDpjwUMqc+FS7Tf7AlNzQZfUsj8bdkBrVFzDP88uPlH/WCRyQ8eAG/Dtg9l5"
    "EeGjonTJt0CEOUMbz/3bGUoenjS6zPPSQrH4n/D+hIhUz/GGsV6aZ9YHnUmAjqD7wH907/"
    "2laxmKT/CP2q03M4YNVz4hWvjYxLMBT1AaLWpl97QRdAKOYDxIw7dh9pnmaLBYPznFgHR7"
    "WMRVd1cK4qbjd6hoqGjRCwd9V4pS3n1DIUp9bOUyu9p9xIpIsiLGBURWdVLAHYQQtFHCqg"
    "swLkhnVSQBGHCuisADw/9fQBJjw/FbdTPC3J4sm0p5WoHlCEi9Zx+xIMpVqy1napubaOag"
    "mKBNgh+6l6IbTVSK2Pq2aAEcZUe+G5BYyGNpLbDftSY3DvEGNg6jd9Le/+flP4UCqknwLd"
    "Ku1eZgKVZq7W54vguSJdCG5DYeBo9yhaT2zkm7hl2si72fXZy7j5G9RRgXuEhu0CdU/kwv"
    "wZcwDgOHZKMm41VEnJDkSGwixET8tahuEUyqfoR6lybU5+B2DZXJLEg0wKwcDY/pbc6RVB"
    "kPk2HkObl1BKZld6M+7s6mchCx6EiuiPhAiZPsiWHV3M8p76UasyDhlgdJsFLg5ady4a1p"
    "2LdN3BzQIPz3Fx5brVi5wBRmhCYbGM4b+wel1pG4DIECjLAVk+ym72qH02jzrM4LnWhocb"
    "MI8rQ2TdJOaDzxYK7BJuqZa9H2KIv7nMmjKsW/hpwPL1Y85uwi8GCm+SDX1LZuzLmmtFpJ"
    "AdURjuBAN8FlAFL8Ea+yWmH8fAF1DfbqXVr0fL2MZhtILngj+1WL4qsHdfkJ/ie38WKd+Z"
    "qkg/kjaaNGAVMv9eW2r6NrO4wTzalHD4nXCDkKlpXBLckIOTXp6T+yFIDB7KR91kOiEx+O"
    "RrEJLNHikJmc2B7WRfgKH4u3P9aCA60b8KQCR/DTuonjNv2uq5jMX0yZA1vTPlWn/PBSRq"
    "echaXkufu1tH+xJhe0qEFYz2YHk7TaSfvlUicocYYRjt9HUgkHx2+pf28U7gGZg4T30Azy"
    "6e0nZZLSJxWR3yslqNh3XTdnkE1PqT0DqUTWgbU7NgcVEaTEbiowl5TixJiaRl2pSXWO36"
    "HMDFkLniHISHbwiE+vWrAESHtba1paA+nNIJ59EsWRBnCbggs5jyMZsS/YKaBv0cVi5GD3"
    "c4ItI/rBj084j7I2WiPxZ8zFpq4/AVQCP0+Xo5y8X8v4WQ0/5jYJ4+ALkXsiIWgny9fDPA"
    "CAX86pCghe5VL+BXlbDFWgup1QucAcYn4POzA+R7flYrXmgqBYV4oJYetVRsBr+rJiSUwz"
    "R5Wk9P2g3SBc+pRnZOUt3O4RaSf20QqAaNwaBqMAgIOX6rOWCHGKOZcPrCP4FccJuE6+vT"
    "5iBHFagdmqgbRNtLhVo8aq/nd/t/JO/GtygAkW8x6JCi8QwD6jttTwatAPGbOuCbiqVWcw"
    "JR4y72PAzjtoOJ215Hai6/vLtnwsoozzdPmyK40nR0WNbzUU6gQU40cqKfzAxQssMx3NxL"
    "iRC55m4buyADjNAeOD21aE23vqSWV7bBf9xB0H88wn/EeqIjdnEGYh3+RIM75v0ptuMqxm"
    "GutdE2XJt+ziLteMABJ3vqEszZQgbMnLmR0BSnRN/f5ww2HrK0q1wx67EmJx79CIN1KNnQ"
    "AVVEwOMTBzdltrC3UtZwpxfbCh6hHdZLuh+P/Ogx7hUmYY1Djdy0P1q4R1m4axlYaxY3rY"
    "07zAjf7J7K1LmM33f1JPJQ9CTQk6j1JJSwE4TTpn0+RNYJQ8ujDS2jXd7XseYt06Mjzoqe"
    "Pgr6oEzbYQu3FwMFD3NG8+RBzJO/MOtZzrnWQ4wU544dfJIzVEzTviKn/huoRkZJyPQlRf"
    "QQcbHW9FBiHupra/UWqsBGc5+7pktSmjUG2UKdJx3fFHAzJSzDmanQFjL9k+FjgcJo4Zq6"
    "LLQPkEimj5pn9dOs1RR4+gHSU3HB0Qp7+DR/MkG0FGsBheSp0j4ccc8DKVbWCF3DbpwibI"
    "SmWB9RUFgGnHBJ9YpRFXZTof0KtGPF/afzCp+y4H6l5nQ73niGGOFbjg7HYN74J+FwFAPf"
    "9/KuY9w7j8SqI0PT8lDcSlMA7q9x/beJzbMsdJg2OpeFYnKH+Zez3Rnhi0CudvW2oVo2Jc"
    "lYMZ/FnN1FoJspfjFnt1xA1VdTJBve5op3efLRMTw/CNsaHcMHd2JyX3VRprW7iHOIMdVk"
    "PtnW4eLc1HZ9r6JxjR/aGp/Xtv61kT0CUM/RyWOQp3MET0dIZUl/1R9ymPYfhTfa9BX1cc"
    "ahia2Hy5otmA3FUUq4UQj/AUIBO7m19xLLWAwHDG4RGYqjmBrIE5uTmDVOGx3EQjckSY3W"
    "C3tcLs+AMqGnZ/K4vnTvHLlYhJCsYPruXsuTiupGGJOT9sAH52A0Hpfffpffn5nHVqnwK+"
    "tvrrVxAQ6K/fZHZ+NTzUzc1ByXuKEhUfSOCXPas++/JbONDNTSWXEhg1lypqIi82gbTqGP"
    "uU70y6gs+xxPPzxaBgO3DLAyB1bmeCqCDZiZt1ueRpwHIRMKKwo+bLVMPLn0cTyA3yIqFF"
    "eWgGet3POQMUn+ZAmynOnX7o0uAUdUt/ih/doogCoHrcL4ecwI5+zzQ6jt9cz2SjhHO2mW"
    "+bo+J5gBMCF4REJQe722SaX+rc4AI3yl+8lK4bGkve+YxajjWKOOeTUDMfGIYwgtcGQKDV"
    "nfAfMZDTuSvgtQ1POQ9Qyxdygm1sYMyWPGd4ZQL4bIIvIX3Pc7fU9lLH5QQ/6gXCpc1lHT"
    "ZSxq+mlouh3FsIzDKfSwzYZGbI52GkLbDoB6Hm0FOAaBPwSfdjCsAyhDPLEyDkzLtJltkP"
    "U54MzkJP0vpCKMBoJ5hC4UC4AGMCXxUcU8zxCAbQ9Tc6zxZlcXWf9q22nJJxvb1BeJEyaO"
    "69MNzCT6+oxw4fqR/k0xYM4MROr2tyT2vTwz3EIGt/xe3yEeg7gyEoro+3pS4A6zAUVZkM"
    "HQu4irJZnbybSIQqHiMdYHZNz7qGuNVYAfqgow2BMdA2MFKEa8B+3e4cExz0TRYWQOLQmc"
    "zDGv6vtKSp9RUUMPsw5QrtykRxiXoq+urz8UdHz1vuxI/vrx6p1eyYxydSeuaigeVWfGoo"
    "K97LEyfkx8pgfm3CQCBd+xkyZSIKrgWBWkznonNeTBqIpjVZHEUDppIodFRRyriIBxAZzs"
    "jroowlEd3ZmZNOxEjS3iUAHdFSCFYkI5Sy1QmwrqC42WkR3rjA5NDU0SPWGh0UFlRj5wwS"
    "a12RHTOt2fIXH8tOPeNMm1YAR6fxWaguVvyG0gwxASCGmEYwr16riCzZHwrcdZDChol2Qc"
    "1J5kSS93wKTGIILDmNToXcTlaGXr3YM5EIoU80T9CxUme0dE8ClXpVprR5ZQYzIkT7Z/za"
    "ycXYz0EnBMwkU36XkpADckP6DgB+MbwRgTq19kWqbNPlHWZ399GhgfTnrSHsgs15Yc/jTf"
    "El+61GflOjI8BO/F+CxpEQzt76Q7Vy2Favq5j2GT+XLjbPTbHHdfyg3Rgt1qZ0r6zCNmu6"
    "e5ic8WCrhqgoRyxebS25JVFALXjCjpe3CqVSw6suFqSSgQ1bJjeczYWtT8ngXxWVjGS0s6"
    "mHO20FEbjnWG9c0ffjMlHj/aX9FC7X9Z3tZ64ab9Ryjc09d8MWtTVbr1JQQyAJYQOKKEQN"
    "4MaCP9Mg6VcIQSQExOFx+jBERHo7OHJ9dMOPfUjyzLZyN3qwhEztbhnC0sjPTYLz1fadfX"
    "iQK/Kv/63XAFEO6Ea3+yhJ4suNfptJwiEjf3DpkUHOsqEopbvq5D1JxBUc9D1rNehvgqWj"
    "mKt9s6U8aNYSbt2wFfs8BJ0vU+X3HLtor6aLwFOiLD4WTZvjhg69QU9Gu0hMtQtIUPt4Wz"
    "8HmLV7qAwXfZ8i5niYNWMeYCCmtfV0pO8vu2PvIOhHPC4XMCFkYcrQE5qBT3L0q6d5PaPH"
    "fcPN2f7HbCrOdhhVJ4GKeD5WKX9U1ot4IEkSAyUm+JFMzkgvU/oJvcEFPpRPcRUtWUSTnV"
    "yEckkh/12IVnmlYO2ErfwVqMsCmeWIBhDP0pknVutBetfW1hfndlIsu1Ns5jyuzB3nXcO4"
    "1dkrg3TDQAjkkr6flOUInJYy73mKfnmupU1RqNvJaBT0C4AeHkDgdEu1sH1wqgEdIvTh9a"
    "0wZqWyHnICjiA0TMFgtmHOEOHl0Ziz7d4Hw6LP3zLBVtLybbVDLtqCqyQ1Nm35MmF+vIxo"
    "qqZ6btEMhJO4KThiffjH0j6GjyE0OKQQTM42pSF4OIW6f7YxC7joeFUiGUudDd4lLMIVEy"
    "jnnqwcIp0R1g9w50+CokcgMHU4eKirrw6TGjYYxiAF/EFGMUOJE/bZmanDFX25ZCLcFQqi"
    "Wau2u2bXZxTEtQdEwH7phiBOJZKDpcM+F12UVRAmLes/M2imQht0QpaoWfh4xJ8ifj7gl+"
    "u7TFfWolugOgPLGCCZIiIOQQUBEujA9eDUekbdPGYES+1/46Jh4PmPGOTaGO619v4KQoEy"
    "yAItKBKTzy/lN2UXdmcN1SqeSYkTACMQinAyMQvYsYC6r0LthsImqT4yuARpjmOz8gy3de"
    "m+Q7rxzMCVFmFsDGi5avbxWJLzAafsPwCoVUln0y9fvq0/5j2Aj60FvqcatMJ1U8hVjXQH"
    "ypSxZwdzmxeFJJy7TJj6K7Pvu8qHrFntivqZ39rQupZeZP5pzj/JnBh1Dq3ZiE3dLGMMxB"
    "RmgWnr16dYBhqHvVH5cJbaU8oP6oWkg46T5C6X570GGk3zYcRvpt9TDS5BSXqoTr+XU5CB"
    "LsWhLsHnUx+/3/AaUu4PE="
)
