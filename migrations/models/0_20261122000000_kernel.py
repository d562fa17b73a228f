from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "account" (
            "member_id" UUID NOT NULL PRIMARY KEY,
            "programme_id" UUID NOT NULL,
            "pending" BIGINT NOT NULL,
            "available" BIGINT NOT NULL,
            "held" BIGINT NOT NULL,
            "owed" BIGINT NOT NULL,
            "sequence" BIGINT NOT NULL,
            "last_hash" BYTEA NOT NULL,
            "last_recorded_at" TIMESTAMPTZ,
            "last_effective_at" TIMESTAMPTZ,
            "next_due_at" TIMESTAMPTZ,
            "tier" VARCHAR(64) NOT NULL,
            "tier_since" TIMESTAMPTZ NOT NULL,
            "tier_until" TIMESTAMPTZ
        );
        COMMENT ON TABLE "account" IS 'One row per member: the lock of every write, and what a read needs while nothing is due.';
        CREATE TABLE "activity" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "programme_id" UUID NOT NULL,
            "type" VARCHAR(64) NOT NULL,
            "reference" VARCHAR(128) NOT NULL,
            "reporter" VARCHAR(200) NOT NULL,
            "occurred_at" TIMESTAMPTZ NOT NULL,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            "attributes" JSONB NOT NULL,
            "within_limit" BOOL NOT NULL,
            "points" BIGINT NOT NULL,
            "policy_version_id" UUID NOT NULL,
            "explanation" JSONB NOT NULL,
            "content_hash" BYTEA NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "activity" IS '`within_limit` is false for one that was stored, earned nothing and says why.';
        CREATE TABLE "allocation" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "entry_id" UUID NOT NULL,
            "lot_id" UUID NOT NULL,
            "points" BIGINT NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "allocation" IS 'One touch of a lot by an entry: its credit, a debit (negative), or a restoration.';
        CREATE TABLE "award" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "rule" VARCHAR(64) NOT NULL,
            "points" BIGINT NOT NULL,
            "occurred_at" TIMESTAMPTZ NOT NULL,
            "booking_id" UUID,
            "activity_id" UUID,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "award" IS 'Points are whole; `occurred_at` is the fact''s, so that a limit counts by it.';
        CREATE TABLE "booking" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "programme_id" UUID NOT NULL,
            "reference" VARCHAR(128) NOT NULL,
            "reporter" VARCHAR(200) NOT NULL,
            "booked_at" TIMESTAMPTZ NOT NULL,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            "currency" VARCHAR(3) NOT NULL,
            "payment_method" VARCHAR(64),
            "total_minor" BIGINT NOT NULL,
            "cash_minor" BIGINT NOT NULL,
            "points" BIGINT NOT NULL,
            "policy_version_id" UUID NOT NULL,
            "snapshot" JSONB NOT NULL,
            "explanation" JSONB NOT NULL,
            "content_hash" BYTEA NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "booking" IS 'Amounts are minor units of `currency`; `cash_minor` is the part not paid in points.';
        CREATE TABLE "booking_line" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "booking_id" UUID NOT NULL,
            "number" INT NOT NULL,
            "product" VARCHAR(64) NOT NULL,
            "amount_minor" BIGINT NOT NULL,
            "cash_minor" BIGINT NOT NULL,
            "travel_from" DATE,
            "travel_to" DATE,
            "attributes" JSONB NOT NULL,
            "points" BIGINT NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        CREATE TABLE "coupon_code" (
            "id" UUID NOT NULL PRIMARY KEY,
            "reward_id" UUID NOT NULL,
            "code" VARCHAR(128) NOT NULL,
            "status" VARCHAR(16) NOT NULL,
            "member_id" UUID,
            "redemption_id" UUID,
            "imported_at" TIMESTAMPTZ NOT NULL,
            "issued_at" TIMESTAMPTZ,
            "voided_at" TIMESTAMPTZ
        );
        COMMENT ON TABLE "coupon_code" IS 'A code imported for a reward, and the redemption that it was given to.';
        CREATE TABLE "idempotency_key" (
            "programme_id" UUID NOT NULL,
            "caller" VARCHAR(200) NOT NULL,
            "key" VARCHAR(128) NOT NULL,
            "operation" VARCHAR(64) NOT NULL,
            "input_sha256" BYTEA NOT NULL,
            "result" JSONB,
            "created_at" TIMESTAMPTZ NOT NULL,
            PRIMARY KEY ("programme_id", "caller", "key")
        );
        CREATE TABLE "ledger_entry" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "sequence" BIGINT NOT NULL,
            "kind" VARCHAR(16) NOT NULL,
            "from_bucket" VARCHAR(16) NOT NULL,
            "to_bucket" VARCHAR(16) NOT NULL,
            "points" BIGINT NOT NULL,
            "effective_at" TIMESTAMPTZ NOT NULL,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            "pending_after" BIGINT NOT NULL,
            "available_after" BIGINT NOT NULL,
            "held_after" BIGINT NOT NULL,
            "owed_after" BIGINT NOT NULL,
            "booking_id" UUID,
            "activity_id" UUID,
            "redemption_id" UUID,
            "actor" VARCHAR(200) NOT NULL,
            "reason" TEXT,
            "hash" BYTEA NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "ledger_entry" IS 'A positive number of points moved from one bucket to another; never changed afterwards.';
        CREATE TABLE "lookup" (
            "programme_id" UUID NOT NULL,
            "scope" VARCHAR(16) NOT NULL,
            "value" VARCHAR(600) NOT NULL,
            "member_id" UUID NOT NULL,
            "row_id" UUID NOT NULL,
            PRIMARY KEY ("programme_id", "scope", "value")
        );
        COMMENT ON TABLE "lookup" IS 'What names one row of one member in a programme: a reference, an address, a code.';
        CREATE TABLE "lot" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "points" BIGINT NOT NULL,
            "remaining" BIGINT NOT NULL,
            "earned_at" TIMESTAMPTZ NOT NULL,
            "available_at" TIMESTAMPTZ,
            "expires_at" TIMESTAMPTZ,
            "policy_version_id" UUID NOT NULL,
            "funder" VARCHAR(64) NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "lot" IS 'One credit and what is left of it.';
        CREATE TABLE "member" (
            "member_id" UUID NOT NULL PRIMARY KEY,
            "programme_id" UUID NOT NULL,
            "reference" VARCHAR(128) NOT NULL,
            "name" VARCHAR(200),
            "email" VARCHAR(254),
            "phone" VARCHAR(32),
            "birthday" DATE,
            "birthday_changed_in" INT,
            "locale" VARCHAR(16) NOT NULL,
            "profile" JSONB NOT NULL,
            "status" VARCHAR(16) NOT NULL,
            "joined_at" TIMESTAMPTZ NOT NULL,
            "referral_code" VARCHAR(16) NOT NULL,
            "referred_by" UUID
        );
        COMMENT ON TABLE "member" IS 'Who the member is: everything personal stands here and in `lookup`, nowhere else.';
        CREATE TABLE "outbox_event" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "programme_id" UUID NOT NULL,
            "topic" VARCHAR(64) NOT NULL,
            "payload" JSONB NOT NULL,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        CREATE TABLE "partner" (
            "id" UUID NOT NULL PRIMARY KEY,
            "programme_id" UUID NOT NULL,
            "code" VARCHAR(64) NOT NULL,
            "name" VARCHAR(200) NOT NULL,
            "created_at" TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE "partner_key" (
            "id" VARCHAR(32) NOT NULL PRIMARY KEY,
            "programme_id" UUID NOT NULL,
            "partner_id" UUID,
            "environment" VARCHAR(16) NOT NULL,
            "secret_sha256" BYTEA,
            "scopes" VARCHAR(200) NOT NULL,
            "created_at" TIMESTAMPTZ NOT NULL,
            "revoked_at" TIMESTAMPTZ
        );
        COMMENT ON TABLE "partner_key" IS 'A credential: of a secret key only SHA-256 is kept; a public key has no secret.';
        CREATE TABLE "policy_version" (
            "id" UUID NOT NULL PRIMARY KEY,
            "programme_id" UUID NOT NULL,
            "version" INT NOT NULL,
            "effective_from" TIMESTAMPTZ,
            "document" JSONB NOT NULL,
            "note" TEXT NOT NULL,
            "published_by" VARCHAR(200) NOT NULL,
            "published_at" TIMESTAMPTZ NOT NULL
        );
        COMMENT ON TABLE "policy_version" IS '`effective_from` is null for a version that holds from the beginning of time.';
        CREATE TABLE "programme" (
            "id" UUID NOT NULL PRIMARY KEY,
            "code" VARCHAR(64) NOT NULL UNIQUE,
            "clock_offset_seconds" BIGINT NOT NULL,
            "created_at" TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE "redemption" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "programme_id" UUID NOT NULL,
            "reward_id" UUID NOT NULL,
            "status" VARCHAR(16) NOT NULL,
            "points" BIGINT NOT NULL,
            "quantity" INT NOT NULL,
            "worth_minor" BIGINT,
            "currency" VARCHAR(3) NOT NULL,
            "codes" JSONB NOT NULL,
            "actor" VARCHAR(200) NOT NULL,
            "policy_version_id" UUID NOT NULL,
            "created_at" TIMESTAMPTZ NOT NULL,
            "fulfilled_at" TIMESTAMPTZ,
            "cancelled_at" TIMESTAMPTZ,
            "cancelled_by" VARCHAR(200),
            "cancel_reason" TEXT,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "redemption" IS '`points` is what was taken in all; `worth_minor` what it buys, in minor units.';
        CREATE TABLE "reward" (
            "id" UUID NOT NULL PRIMARY KEY,
            "programme_id" UUID NOT NULL,
            "code" VARCHAR(64) NOT NULL,
            "kind" VARCHAR(16) NOT NULL,
            "names" JSONB NOT NULL,
            "descriptions" JSONB NOT NULL,
            "list_points" BIGINT NOT NULL,
            "open_value" BOOL NOT NULL,
            "worth_minor" BIGINT,
            "image_url" TEXT,
            "valid_from" TIMESTAMPTZ,
            "valid_until" TIMESTAMPTZ,
            "minimum_tier" VARCHAR(64),
            "per_member_limit" INT,
            "pooled_codes" BOOL NOT NULL,
            "active" BOOL NOT NULL,
            "created_at" TIMESTAMPTZ NOT NULL
        );
        COMMENT ON TABLE "reward" IS '`names` and `descriptions` are by locale; `worth_minor` is in the programme''s currency.';
        CREATE TABLE "reward_stock" (
            "reward_id" UUID NOT NULL PRIMARY KEY,
            "remaining" BIGINT NOT NULL
        );
        COMMENT ON TABLE "reward_stock" IS 'What is left of a reward that can run out; one without a row here cannot.';
        CREATE TABLE "tier_change" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "from_tier" VARCHAR(64) NOT NULL,
            "to_tier" VARCHAR(64) NOT NULL,
            "effective_at" TIMESTAMPTZ NOT NULL,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            "reason" VARCHAR(64) NOT NULL,
            "inputs" JSONB NOT NULL,
            "policy_version_id" UUID NOT NULL,
            "booking_id" UUID,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "tier_change" IS 'A change of tier with what it was decided on.';
        CREATE TABLE "tier_credit" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "booking_id" UUID,
            "activity_id" UUID,
            "occurred_at" TIMESTAMPTZ NOT NULL,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            "spend_minor" BIGINT NOT NULL,
            "bookings" INT NOT NULL,
            "nights" INT NOT NULL,
            "points" BIGINT NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "tier_credit" IS 'What one fact counts toward tiers, at the fact''s own instant.';
        CREATE TABLE "aerich" (
            "id" SERIAL NOT NULL PRIMARY KEY,
            "version" VARCHAR(255) NOT NULL,
            "app" VARCHAR(100) NOT NULL,
            "content" JSONB NOT NULL
        );

        ALTER TABLE "programme"
            ADD CONSTRAINT programme_clock_never_behind CHECK (clock_offset_seconds >= 0);
        ALTER TABLE "policy_version"
            ADD CONSTRAINT policy_version_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT policy_version_number UNIQUE (programme_id, version),
            ADD CONSTRAINT policy_version_positive CHECK (version > 0),
            ADD CONSTRAINT policy_version_document CHECK (jsonb_typeof(document) = 'object');
        ALTER TABLE "partner"
            ADD CONSTRAINT partner_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT partner_code UNIQUE (programme_id, code);
        ALTER TABLE "partner_key"
            ADD CONSTRAINT partner_key_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT partner_key_partner FOREIGN KEY (partner_id) REFERENCES partner (id) ON DELETE RESTRICT,
            ADD CONSTRAINT partner_key_secret_or_public CHECK ((partner_id IS NULL) = (secret_sha256 IS NULL)),
            ADD CONSTRAINT partner_key_digest CHECK (octet_length(secret_sha256) = 32);
        ALTER TABLE "reward"
            ADD CONSTRAINT reward_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT reward_code UNIQUE (programme_id, code),
            ADD CONSTRAINT reward_kind CHECK (kind IN ('COUPON', 'SERVICE', 'PRODUCT', 'PARTNER')),
            ADD CONSTRAINT reward_list_points CHECK (list_points > 0),
            ADD CONSTRAINT reward_worth CHECK (worth_minor >= 0),
            ADD CONSTRAINT reward_per_member_limit CHECK (per_member_limit > 0),
            ADD CONSTRAINT reward_open_value_is_a_coupon CHECK (NOT open_value OR kind = 'COUPON'),
            ADD CONSTRAINT reward_pooled_is_a_coupon CHECK (NOT pooled_codes OR kind = 'COUPON');
        ALTER TABLE "reward_stock"
            ADD CONSTRAINT reward_stock_reward FOREIGN KEY (reward_id) REFERENCES reward (id) ON DELETE RESTRICT,
            ADD CONSTRAINT reward_stock_never_negative CHECK (remaining >= 0);
        ALTER TABLE "coupon_code"
            ADD CONSTRAINT coupon_code_reward FOREIGN KEY (reward_id) REFERENCES reward (id) ON DELETE RESTRICT,
            ADD CONSTRAINT coupon_code_once UNIQUE (reward_id, code),
            ADD CONSTRAINT coupon_code_status CHECK (status IN ('IMPORTED', 'ISSUED', 'USED', 'VOID', 'EXPIRED')),
            ADD CONSTRAINT coupon_code_issued_to CHECK ((status = 'IMPORTED') = (redemption_id IS NULL)),
            ADD CONSTRAINT coupon_code_issued_member CHECK ((member_id IS NULL) = (redemption_id IS NULL));
        CREATE INDEX coupon_code_pool ON coupon_code (reward_id, id) WHERE status = 'IMPORTED';
        CREATE INDEX coupon_code_redemption ON coupon_code (redemption_id) WHERE redemption_id IS NOT NULL;

        ALTER TABLE "member"
            ADD CONSTRAINT member_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT member_status CHECK (status IN ('ENROLLED', 'GUEST', 'SUSPENDED', 'UNDER_REVIEW', 'ERASED')),
            ADD CONSTRAINT member_not_own_referrer CHECK (referred_by <> member_id),
            ADD CONSTRAINT member_profile CHECK (jsonb_typeof(profile) = 'object');
        CREATE INDEX member_by_joining ON member (programme_id, joined_at DESC, member_id DESC);
        ALTER TABLE "account"
            ADD CONSTRAINT account_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT account_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT account_never_negative CHECK (pending >= 0 AND available >= 0 AND held >= 0 AND owed >= 0),
            ADD CONSTRAINT account_sequence CHECK (sequence >= 0),
            ADD CONSTRAINT account_hash CHECK (octet_length(last_hash) = 32),
            ADD CONSTRAINT account_recorded CHECK ((sequence = 0) = (last_recorded_at IS NULL) AND (sequence = 0) = (last_effective_at IS NULL));
        CREATE INDEX account_due ON account (next_due_at) WHERE next_due_at IS NOT NULL;
        CREATE INDEX account_tier ON account (programme_id, tier);
        ALTER TABLE "lookup"
            ADD CONSTRAINT lookup_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT lookup_scope CHECK (scope IN ('reference', 'email', 'phone', 'referral_code', 'booking', 'activity'));
        CREATE INDEX lookup_member ON lookup (member_id);

        ALTER TABLE "booking"
            ADD CONSTRAINT booking_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT booking_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT booking_policy FOREIGN KEY (policy_version_id) REFERENCES policy_version (id) ON DELETE RESTRICT,
            ADD CONSTRAINT booking_reference UNIQUE (member_id, reference),
            ADD CONSTRAINT booking_amounts CHECK (total_minor >= 0 AND cash_minor >= 0 AND cash_minor <= total_minor),
            ADD CONSTRAINT booking_points CHECK (points >= 0),
            ADD CONSTRAINT booking_content CHECK (octet_length(content_hash) = 32);
        CREATE INDEX booking_by_time ON booking (member_id, booked_at DESC, id DESC);
        ALTER TABLE "booking_line"
            ADD CONSTRAINT booking_line_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT booking_line_number UNIQUE (member_id, booking_id, number),
            ADD CONSTRAINT booking_line_numbered CHECK (number > 0),
            ADD CONSTRAINT booking_line_amounts CHECK (amount_minor >= 0 AND cash_minor >= 0 AND cash_minor <= amount_minor),
            ADD CONSTRAINT booking_line_points CHECK (points >= 0),
            ADD CONSTRAINT booking_line_travel CHECK (travel_to >= travel_from);
        ALTER TABLE "activity"
            ADD CONSTRAINT activity_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT activity_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT activity_policy FOREIGN KEY (policy_version_id) REFERENCES policy_version (id) ON DELETE RESTRICT,
            ADD CONSTRAINT activity_reference UNIQUE (member_id, reporter, type, reference),
            ADD CONSTRAINT activity_points CHECK (points >= 0),
            ADD CONSTRAINT activity_over_limit_earns_nothing CHECK (within_limit OR points = 0),
            ADD CONSTRAINT activity_content CHECK (octet_length(content_hash) = 32);
        CREATE INDEX activity_by_time ON activity (member_id, type, occurred_at);
        ALTER TABLE "award"
            ADD CONSTRAINT award_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT award_activity FOREIGN KEY (member_id, activity_id) REFERENCES activity (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT award_of_one_fact CHECK (num_nonnulls(booking_id, activity_id) = 1),
            ADD CONSTRAINT award_points CHECK (points > 0);
        CREATE INDEX award_booking ON award (member_id, booking_id) WHERE booking_id IS NOT NULL;
        CREATE INDEX award_activity ON award (member_id, activity_id) WHERE activity_id IS NOT NULL;
        CREATE INDEX award_rule ON award (member_id, rule, occurred_at);
        ALTER TABLE "tier_credit"
            ADD CONSTRAINT tier_credit_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT tier_credit_activity FOREIGN KEY (member_id, activity_id) REFERENCES activity (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT tier_credit_of_one_fact CHECK (num_nonnulls(booking_id, activity_id) = 1);
        CREATE INDEX tier_credit_by_time ON tier_credit (member_id, occurred_at);
        ALTER TABLE "tier_change"
            ADD CONSTRAINT tier_change_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT tier_change_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT tier_change_policy FOREIGN KEY (policy_version_id) REFERENCES policy_version (id) ON DELETE RESTRICT,
            ADD CONSTRAINT tier_change_changes CHECK (from_tier <> to_tier);
        CREATE INDEX tier_change_by_time ON tier_change (member_id, effective_at, recorded_at);

        ALTER TABLE "redemption"
            ADD CONSTRAINT redemption_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT redemption_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT redemption_reward FOREIGN KEY (reward_id) REFERENCES reward (id) ON DELETE RESTRICT,
            ADD CONSTRAINT redemption_policy FOREIGN KEY (policy_version_id) REFERENCES policy_version (id) ON DELETE RESTRICT,
            ADD CONSTRAINT redemption_status CHECK (status IN ('CONFIRMED', 'FULFILLED', 'CANCELLED')),
            ADD CONSTRAINT redemption_points CHECK (points > 0 AND quantity > 0),
            ADD CONSTRAINT redemption_worth CHECK (worth_minor >= 0),
            ADD CONSTRAINT redemption_fulfilled CHECK (status <> 'FULFILLED' OR fulfilled_at IS NOT NULL),
            ADD CONSTRAINT redemption_cancelled CHECK ((status = 'CANCELLED') = (cancelled_at IS NOT NULL) AND (cancelled_at IS NULL) = (cancelled_by IS NULL));
        CREATE INDEX redemption_by_time ON redemption (member_id, created_at DESC, id DESC);
        CREATE INDEX redemption_of_reward ON redemption (member_id, reward_id);

        ALTER TABLE "ledger_entry"
            ADD CONSTRAINT ledger_entry_account FOREIGN KEY (member_id) REFERENCES account (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT ledger_entry_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT ledger_entry_activity FOREIGN KEY (member_id, activity_id) REFERENCES activity (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT ledger_entry_redemption FOREIGN KEY (member_id, redemption_id) REFERENCES redemption (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT ledger_entry_sequence UNIQUE (member_id, sequence),
            ADD CONSTRAINT ledger_entry_points CHECK (points > 0 AND sequence > 0),
            ADD CONSTRAINT ledger_entry_effective CHECK (effective_at <= recorded_at),
            ADD CONSTRAINT ledger_entry_after CHECK (pending_after >= 0 AND available_after >= 0 AND held_after >= 0 AND owed_after >= 0),
            ADD CONSTRAINT ledger_entry_hash CHECK (octet_length(hash) = 32),
            ADD CONSTRAINT ledger_entry_adjusted_with_reason CHECK (kind <> 'ADJUST' OR reason IS NOT NULL),
            ADD CONSTRAINT ledger_entry_buckets CHECK (
                CASE kind
                    WHEN 'EARN' THEN from_bucket = 'issued' AND to_bucket IN ('pending', 'available')
                    WHEN 'MATURE' THEN from_bucket = 'pending' AND to_bucket = 'available'
                    WHEN 'HOLD' THEN from_bucket = 'available' AND to_bucket = 'held'
                    WHEN 'RELEASE' THEN from_bucket = 'held' AND to_bucket = 'available'
                    WHEN 'CAPTURE' THEN from_bucket = 'held' AND to_bucket = 'redeemed'
                    WHEN 'REDEEM' THEN from_bucket = 'available' AND to_bucket = 'redeemed'
                    WHEN 'REINSTATE' THEN from_bucket = 'redeemed' AND to_bucket = 'available'
                    WHEN 'EXPIRE' THEN from_bucket = 'available' AND to_bucket = 'expired'
                    WHEN 'CLAW_BACK' THEN from_bucket IN ('pending', 'available', 'owed') AND to_bucket = 'clawed_back'
                    WHEN 'SETTLE' THEN from_bucket = 'available' AND to_bucket = 'owed'
                    WHEN 'TRANSFER_OUT' THEN from_bucket = 'available' AND to_bucket = 'transferred'
                    WHEN 'TRANSFER_IN' THEN from_bucket = 'transferred' AND to_bucket = 'available'
                    WHEN 'ADJUST' THEN (from_bucket = 'adjusted' AND to_bucket = 'available') OR (from_bucket = 'available' AND to_bucket = 'adjusted')
                    ELSE false
                END);
        CREATE INDEX ledger_entry_by_time ON ledger_entry (member_id, effective_at, sequence);
        CREATE INDEX ledger_entry_of_redemption ON ledger_entry (member_id, redemption_id) WHERE redemption_id IS NOT NULL;
        CREATE INDEX ledger_entry_of_booking ON ledger_entry (member_id, booking_id) WHERE booking_id IS NOT NULL;
        ALTER TABLE "lot"
            ADD CONSTRAINT lot_account FOREIGN KEY (member_id) REFERENCES account (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT lot_policy FOREIGN KEY (policy_version_id) REFERENCES policy_version (id) ON DELETE RESTRICT,
            ADD CONSTRAINT lot_points CHECK (points > 0 AND remaining >= 0 AND remaining <= points),
            ADD CONSTRAINT lot_pending_has_no_expiry CHECK (available_at IS NOT NULL OR expires_at IS NULL),
            ADD CONSTRAINT lot_expires_after_available CHECK (expires_at > available_at);
        CREATE INDEX lot_live ON lot (member_id, expires_at) WHERE remaining > 0;
        ALTER TABLE "allocation"
            ADD CONSTRAINT allocation_entry FOREIGN KEY (member_id, entry_id) REFERENCES ledger_entry (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT allocation_lot FOREIGN KEY (member_id, lot_id) REFERENCES lot (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT allocation_once UNIQUE (member_id, entry_id, lot_id),
            ADD CONSTRAINT allocation_points CHECK (points <> 0);
        CREATE INDEX allocation_of_lot ON allocation (member_id, lot_id);

        ALTER TABLE "idempotency_key"
            ADD CONSTRAINT idempotency_key_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT idempotency_key_digest CHECK (octet_length(input_sha256) = 32);
        CREATE INDEX idempotency_key_age ON idempotency_key (created_at);
        ALTER TABLE "outbox_event"
            ADD CONSTRAINT outbox_event_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT outbox_event_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT;"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE IF EXISTS "account" CASCADE;
        DROP TABLE IF EXISTS "activity" CASCADE;
        DROP TABLE IF EXISTS "allocation" CASCADE;
        DROP TABLE IF EXISTS "award" CASCADE;
        DROP TABLE IF EXISTS "booking" CASCADE;
        DROP TABLE IF EXISTS "booking_line" CASCADE;
        DROP TABLE IF EXISTS "coupon_code" CASCADE;
        DROP TABLE IF EXISTS "idempotency_key" CASCADE;
        DROP TABLE IF EXISTS "ledger_entry" CASCADE;
        DROP TABLE IF EXISTS "lookup" CASCADE;
        DROP TABLE IF EXISTS "lot" CASCADE;
        DROP TABLE IF EXISTS "member" CASCADE;
        DROP TABLE IF EXISTS "outbox_event" CASCADE;
        DROP TABLE IF EXISTS "partner" CASCADE;
        DROP TABLE IF EXISTS "partner_key" CASCADE;
        DROP TABLE IF EXISTS "policy_version" CASCADE;
        DROP TABLE IF EXISTS "programme" CASCADE;
        DROP TABLE IF EXISTS "redemption" CASCADE;
        DROP TABLE IF EXISTS "reward" CASCADE;
        DROP TABLE IF EXISTS "reward_stock" CASCADE;
        DROP TABLE IF EXISTS "tier_change" CASCADE;
        DROP TABLE IF EXISTS "tier_credit" CASCADE;"""


MODELS_STATE = (
"eJztXWtz2ziW/SsofUlPlSaV2ImTTba2yk57p7ObxF0d9/TMbLYoiIQsrClATYB2tLP93x"
    "cXlPgSSIvUwxR9v3Q7BA5InUsC94WLfw5mMmChen7u+zIWevCO/HMg6IyZP8pNQzKg83nW"
    "ABc0HYe2L811GisdUR/GmtBQMXMpYMqP+FxzKaDzlWAkkvdkziIyY7Mxi94RPWUklP4tkR"
    "PC7li0IPcR1wZMRUDup1QTSiJGAyIYC5S5wkNGhNRTLm4IVySI2XO4eyB9c3tzcZ83+ia+"
    "iZ8lF1oRGjHTR0KfGG6ghuR/WSSJNHeUEXtORoJ9155BeVSPYAB4AEajkDOlCRdKU2Huqe"
    "FO/vSb0HzGCA2leXR/SsUNs4jZezIKqdLelKrpyI4xhYc0PwL+Tn7cMwUQLuxPE4YFpiwn"
    "seC/m/trecNM58gw81//bS5zEbDvTK3+Ob/1JpyFQfEdsAN7PIBxbLOnF3Pb9OuvH3/8dw"
    "sA2seeL8N4JtZA84WeSpGi4pgHzwEKbTdMsIhqFuTeFRGH4fKtWl1Knt9c0FHM0gcPsgsB"
    "m9A4hDdu8K+TWPjwohF7J/jPq39bPmGum+d9ubr2vl5ee95g7QWFRyi9SstLvhTwcoPkga"
    "Y/knEzXuzVAdzgw0/nv/xwevYnS4FU+iayjZa1wR8WSDVNoFYEGefzSN5EdDZjDWkv43bJ"
    "/OpCRn32ba9IXdHWMaJzxDIRwF3WOL3gNx+FrmA1A5UI5cl8d2RUmuc1//vzv5ycnJ6+OX"
    "lxevb29as3b16/ffHW9LVPvN70pob/i49/+fjlGh5Imlk/WQ3gQpF6ekd5wkgj8gswpL81"
    "/dMluZszv0Ig6a1Jl/esIekrBJLemnTFzI8XfsN5Jo9C8luTn2qoLvYFjRZu9guwEv3jhW"
    "bqCAVQx+WnqwsYeabU7yFc+Ov5Lxcfv5z/8vcfPp//zSoys8Wy6dPVl7+s+ue1m4u/X1+e"
    "u9iPmC+jgAXG2lgXwo+GP7AvasRQwpekESwHeL76YwPJLHX0IxDM9cfPl1+vzz//XJDOj+"
    "fXl9ByUhDM6uoPieaZfRXpIOS3j9c/Efgn+cfVl8uyBNN+1/8YwDPRWEtPyHuPBnlOVpdX"
    "l9YlziYTZiyeO9ZW5OUBUOZdlnnOndBU2iUoyrnLctacResC/jClkVu4q/4lqRp6jnD1HM"
    "zody9k4kZPzT/PXtUI1iye1gVw9qokrC/LlhPb9McauZ7iTj2x/hsqInfwCXWN+r59Q14s"
    "NA9biTlF4kzZNSmDw3pym3OfwoUx9W/vaRR4ay3yRFb1XW+anczKV6igN1ZIwCY8ZxobMX"
    "oT14uBM26ybBvWB05yvR6MnIzuOQQivJDPeBJNsB3JREYEIgYa4hf3VBGlZcSCIQQaBAvS"
    "+AXEOBRdQFhjsR4u2fnoWwQemrm+MdTQLtTQrfBOd+fEJkEGjN7sh1jLRBOFeNkfFeINFO"
    "KITVjk9ptWM1wA9ZDmlydvN+DZ9Kok2raVmZ7LSDez7fKYHvJ88uLFBjybXpU827ZS9MX3"
    "4yhq5QgtQdHI65z6X/ygWnu8d+/sRkHvT9BUm986jpfxoKKc/+Pr1ZeKFIICqixi7mvyfy"
    "Tk6hiDfDXCBT4Kcl3NlWmIKTeNfnAEmGCAi9KUmjcPHRE+KUNGhVsKZWg5ymew/RLAxdXV"
    "p4IALj6Wwqdffv18cWnUBysN04nriqjq3GYaOgivy1pKMRjObh3OnsuQ+wvvjkXKPG9Te8"
    "4FRqOuRDH7Pg+poPbmDSb1Egxn9S1mdXN7zUSbvI0yElM3hg1SN7riwg5D6dMlR+tO7Kx1"
    "WOvGLvbbaAuAlrE/hVx1SkKpyXhBqLB564t3hGtFfGOCcT00zQEbc01+EOyGQp7Cn4aQXg"
    "9p+uCItnd15/7v/A7o0O7E+oEO7UMu0fC9NGQ0j0FCy3l6UjekM0MgmWgcPZ5x1BWVBYZw"
    "aiu2oV5RSbs8qKOUd/i9J6OcZzjdyzcxgzxTQ6JkEiA3ugZ4OYjdEKlA6eB6XT3Z9eComX"
    "RiYkLN5IBzfxS79pPVhNFi50ayPoTQdh8RxoX1sbaNYeDyacSzxlLemt/acEkoorZYE44n"
    "I7XBkrBKp2xIagmGrHZG179IXveBQ9tfNdXq++Ncpwc1/vNZolaDVj7jQkbEyNH8W07IyM"
    "6swl+MjKbuUzX1bIdUUZ/TSEMirPmDB4QLkqyF64r/nu6B+n8HvhnU/zHVtg/EYjYoZoP2"
    "KxsU1IBWJlUBiAZVpw0qzAR9IoJe6clNZs08poez5ukGc+Zp5Yx5uub9o4sZpPbMjDUhHc"
    "pVNc/ryFZsd8yO3vuGdKlpmJh7zVyuJSD6XVv7XTODu5kEijgUwBbpthhxwDznrolkNxa1"
    "EnSuptKhl1YnOecxmOG8RYYzJpk/uggwyfxJJ5kvQzWfuGCD6kiObR5uEM3xwlXPh0I61f"
    "LAgEknlkgMmBxQC3nkjIN+kpqc+7BOaKXNkgH6ZLOcvHz15tXb07NXqamSXqmzUBzWSCSD"
    "2HdoyjU+pwzSQ9fe7r1N1OYgtHF2lJF9eoPR3/S0BGAe4I6F3iSSM3e4qMLjWoTVhYqOz8"
    "9dQypEftwMatmCvwT0lNnDeiaP7JRAh/PT2zv2QcZzKT6Yfwwcjohc67DOD+Hbfua1CDZz"
    "QwzOCfQlfGZTdwJbUhW2l8MPSo6egwTPiAVsZjHJbi+elFu94XfMXJGOZNKdDAvH2Y1Sy3"
    "lkcaMMlFyDjWrcvPGxhrswfiPILVuod+Z+vjHhQ3kTJ4ftCThV75t5neHkLEXMTWl6Ph2m"
    "qnbHgq32vCTvT0MvQQGEToI1/3fQKJly1b+H5uxe8iiVpjp2LOXVDGeIPnJ8tgnF5RSuHM"
    "NnZYIf1Rt7PGp+oyTr3ALbbKYtAZHZIrMrdahFHmgJinmgnc4D5UrF7cScB+LpHl2W8Z3k"
    "7VK6C0CUcddk3BF/wEdYS6WGzPD/ZM5zXEo9hnV+AZ719W7ZZoe67CVFYXnzTZXhZffdaM"
    "IPG8nHaGvgee2HN5ppGDbbGpchemjU7eeYhDmLKjIjq2kugHrI9O4j7lzMY+2pKT15feYK"
    "OFTnP5aRmP84bJD/WDS4FfyENfarY20ZYqs42/FojvvJ/Y0YbWeNF5FojKMS71biP7Hghk"
    "WXUHR24NDg88216ntoO3os7blBXM/QyKFkNEnS+qCOSxIjJjN5ByG5SM7s6Ynj2L9lmmhJ"
    "KByYyKL3SaiM+FMqzM8idKJZBGS4qsbs5z4Q+buGMpMyjsjoW3zy4uTMs+0jknyGSaEaiC"
    "KuYnhkTEMqfGb+YFNuQ4xcJVW135MRpOlDwZpv4utP5382axaRcO/CAPOI3XEZKwKdl1HK"
    "1RA2yGiLc2clxZXtE0osddMlPR0ztw9oCilmfoyzIEtdskoehekqrRMFb82vbeRNWfbvoW"
    "W0+8AirFtesmY14bgEQ6o3oNoob82JLoCQ5g1oxrTCR5qn2WTCoJAna2FqlrFobHbO2MRS"
    "T09Q0JBECpsPrVHacE4tQ3FqbT210jvKLSNtBOEAoyhai2IKwBZSKOJQAK0FIO9ZKwEUcS"
    "iA1gLAwvm7dzBh4XzM8T0mZs2L59o4Xe3HSAE99GHsJTMkYlS50kKu2feKBS5D9KHkZ50V"
    "dfm364IBtRYmLyQorLqXY+clva5xaSwsiXXEJbE+GXUkng9c4eqkZVgbqc76PBij/g32fM"
    "I9lI0Pwx5NObF/JjE3OEmEkjQb8Z3dQbqs5Q+bSIkx1w2HCs5Jhn1p69HpvdxhizDvHQ3j"
    "RtvtUkDvMmDPNloazmqWhrPV0oAZsIcP+/py3uhFTgE91HJ6tqmxa2TvyOKR901NnRSBZH"
    "ZJPdFu3UQ/pJjozbSSK6Md+MbM5dpmd93bwhSKhGyiQXlwnZn8MMRWssi5m5ODlOGnmd48"
    "TBLZ5tnRy8sQwXsyYt/n3AhiBWHf/TBWkG4Hd4IBvgkorrHE2jIaSVZdAnwOBTNmRvxmtP"
    "S8NhXP4LngT0PLs0JKG2aydeWDq1NscIHY/aFtmB3xOF7zdH5qxn0BhvS3T06hkWiVr1AA"
    "YrZCp7MV8qpHUzmXsbhlvcuSzvTFxt9zAYlS7rKU8WScveuDxkgImm3yzhA9dHLtZutxR5"
    "wIn60lNHD4EZYtwzpXwizrs0GMQ+b2mBkD/B0B69y8H4Z6Y+ZHSgoaEqUp1KQ0tnZi2HNB"
    "RkkoZTQkZhKwDeY5nDGOPdxhCwdAt0zTp+EOwDgHHjh+wHjHPgpl2v83IHnVvw8ZHQdImg"
    "FnSdiE3xTQQ4Jfb6LLmF7VBL9eK6QyNyQ1eoFTQP8IPj3ZgN/Tk+pTn0/K7I55pKcBddQO"
    "qz7PIY95ysc5rHjwlnUWPO5Inqt0s1agWzlcO0bjrg+Ighha2GgOyBB9VBN2v4E1khPuYr"
    "i6UlIOgkeSbFErCeuY7/nd/h/J24VhCkAMw3TabWstw4iGXtNjF9aA+E1t8E0lrJmPY+xQ"
    "HOv2uBRguMOlM37bq1iP5ffLOyacSWD55mGdB1fajh5Le+Jxzb31jXbLH320M0BJD0d38z"
    "6I1XLO/SZ6QQrooT6w+2LHc7oIJXW8sjX2YwZB+3EL+xHr4vTYxOmIdvgzjbRwh/VXTbVa"
    "4TzXCRXC3iqEqL3gWZLHp7scND7ebXL3EiDHwwBQPTmIelJxmleudRMlZeNTvOAobijaIz"
    "Sn4TvY9keJYuaShmOyiRThgqwq4nNlrs31e6iJEI9D7tsuU6qIkEuQ86jvXY5vd0ra3eIq"
    "OdxbMfOT4WMh4wVRc+oz5R5gycw+NjBWT7NOVeD4qzPsKoMDtbDDO+eWE0RDWgsoDHmUsu"
    "fEHY+kmC3DBRvn0BVhPVTFdh+zS5aBVieSrUFb1p86nld4XyeSJetvk1c9Q/TwLUeDozNv"
    "/FEYHEXH9528ben3ziNxP2bXpNwVs9Lu5vxrsplz4LIsCx2GtcZlYWfoZvblKDuhAs6+yQ"
    "rbQFkaSpZjJZVpptL8ouREONiyNmY3XEAJB1uNBt7mNety56Oje74TujUahgc3YnJf9Ya5"
    "/zlEnwqs7Czhvzg3NV3f19G4xndtjc9L2/za2O0BqE4fyWMwf2SL/BEhtSP8VV3ye9W/F9"
    "Zo3Ve0j4rf1reuphWJ0zVbGku4XpB/AFdAxltzK7GMRXdA5xaRrhiKKwV54DIS08ZhrYFY"
    "6IZJUr21wh43l6dDkdDdZ/L4ofRvPTmZKAhWMHP3oGHZ0aoR+mSkHbgKJnrjcfnd7/L7S3"
    "pylmv9zbXWLsBRsd/D3tmkRLH1m9q65PdUEU1vmbBnn4ThezK6l5GeejMuZDRaFi/XZBwv"
    "1BD62OvEvIxaOdyzOx8eNYOOawa4nw730x0LsRGz83bTIw5zIKQUC4EcuMgNnkPwOCbA7z"
    "EVmmuHx7OS9zykT8zvLEKW0/2avdElYI/KjR3asI0jqEXayI+fx/Rwzj7dJLe9OrV9zZ9j"
    "rDTHfF0dFEwBGBHcIiKIBy3vPSyFhwzsfcssuh376nYsniURTngYthJ0GYtJQl2WtE+Fz1"
    "pKuoxFSR+HpJslyZRx/Sv/vZ/tMpY2z6x6ypXDWp0JtgbsA+GHyAjrTNwMxhg4Y2a2ZVgf"
    "L0v7PBwrg/Fh17kIyCjXttyIPl6QpF53OabFFQSy7Am+K4f8M0VWRrQjaLa/+2D0rBMKPu"
    "5uOLwlhcWH9peydGt+VxNyV/17SO7uAz52NWjiP0wB6D/cwn+YX3ibsF/GoRC2EALQ5LWJ"
    "eJaAfQq+HThAJOdMeHc0jB3L54WUIaPCLYIisFxrwyCPUAR1bF5dfSq8/xcfy4bTr58vLs"
    "3kbz8G04nrCsoxKvrYLz2fGWPTiyPHkXjVnoQCCL0IzfeVmcmCB632yhaR6BjtsmM0kVUs"
    "tOvAyU3EnEJRzl2Ws1mG+CyeeZo3Oya9jOvDTLr3kwtY5C1zqEM+447QUnVuoAPaI8VhZ6"
    "lqc9B1A68im6dWEy5DURfeXBemtgRGQ8IzEFK9OdWYbNLbdblTsbqvWvq3g8qAXdI8fDhq"
    "56m054Oxu9/svjJFQjbRSRHqZIykMphPBYliQWSs3xMpGLnn5hWONXST92TKIgZ9hHTUt9"
    "7pyFvE57q1l+VpROsiNjN3gPuur081bpoCDF2Tjbw0HZnJro1x8sGeeO6ayHKttfMYmDjL"
    "g9M3m8bOSdI7KVnIIjudpJtmYXNtwHwesMDMNc5S/M3QmC7Q8QkIN9vuPFEAnIiNfRYFUA"
    "+j2rv3WBgFtSnJOQhSvAHFWQHJ5hZdGYs2XedsOjw+80kK2p3fXD1rbpnY3DVh7nvS5GIe"
    "u5JNqhN+MgSm+myR6oO7Cfeu2o6lvDV3achtEYVHP3XLBxGxgOtBlQ8iaR0+7IPIOm7mSg"
    "VX5sR0I76MDZ9Ey8TnaQZTQ2I6wDYE6PBMEXkP1b6UpqLKfbrNaOij6MAXMUQfBU7kx82p"
    "jRlzvWhIagmGrJayh327/6yNYVqComHaccMUPRBPQtBqzkTQJjm9BMS4Z+vs9OVC7vBSVJ"
    "Kfh/SJ+Z2l9wl+M3X5fSoZzQDIpzNdEstUPrWkiHMWcX86cDgjli3DOkcEzfp05uCQylfV"
    "qe07XtOlUr+dF6Dzn3218V95qGB1wKL6VME+RCxOXr/eIGRhelUXv4G2ku1qPqoGDC+795"
    "DdlxuVFnpZU1ropaO0kBS64bl+OQgGhRoGhR51Mfvj/wFXvl+o"
)
