from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "programme" (
            "id" UUID NOT NULL PRIMARY KEY,
            "code" VARCHAR(64) NOT NULL UNIQUE,
            "clock_offset_seconds" BIGINT NOT NULL,
            "created_at" TIMESTAMPTZ NOT NULL
        );
        ALTER TABLE "programme"
            ADD CONSTRAINT programme_clock_never_behind CHECK (clock_offset_seconds >= 0);

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
        ALTER TABLE "idempotency_key"
            ADD CONSTRAINT idempotency_key_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT idempotency_key_digest CHECK (octet_length(input_sha256) = 32);
        CREATE INDEX idempotency_key_age ON idempotency_key (created_at);

        CREATE TABLE "lookup" (
            "programme_id" UUID NOT NULL,
            "scope" VARCHAR(16) NOT NULL,
            "value" VARCHAR(600) NOT NULL,
            "member_id" UUID,
            "row_id" UUID,
            PRIMARY KEY ("programme_id", "scope", "value")
        );
        COMMENT ON TABLE "lookup" IS 'What names one row of one member in a programme: a reference, an address, a code.';
        ALTER TABLE "lookup"
            ADD CONSTRAINT lookup_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT lookup_expected CHECK ((member_id IS NULL) = (row_id IS NULL) AND (member_id IS NOT NULL OR scope = 'booking')),
            ADD CONSTRAINT lookup_scope CHECK (scope IN ('reference', 'email', 'phone', 'referral_code', 'booking', 'activity', 'fulfilment'));
        CREATE INDEX lookup_member ON lookup (member_id);

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
        ALTER TABLE "member"
            ADD CONSTRAINT member_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT member_status CHECK (status IN ('ENROLLED', 'GUEST', 'SUSPENDED', 'UNDER_REVIEW', 'ERASED')),
            ADD CONSTRAINT member_not_own_referrer CHECK (referred_by <> member_id),
            ADD CONSTRAINT member_profile CHECK (jsonb_typeof(profile) = 'object');
        CREATE INDEX member_by_joining ON member (programme_id, joined_at DESC, member_id DESC);

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

        CREATE TABLE "partner" (
            "id" UUID NOT NULL PRIMARY KEY,
            "programme_id" UUID NOT NULL,
            "code" VARCHAR(64) NOT NULL,
            "name" VARCHAR(200) NOT NULL,
            "created_at" TIMESTAMPTZ NOT NULL
        );
        ALTER TABLE "partner"
            ADD CONSTRAINT partner_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT partner_code UNIQUE (programme_id, code);

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
        ALTER TABLE "policy_version"
            ADD CONSTRAINT policy_version_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT policy_version_number UNIQUE (programme_id, version),
            ADD CONSTRAINT policy_version_positive CHECK (version > 0),
            ADD CONSTRAINT policy_version_document CHECK (jsonb_typeof(document) = 'object');

        CREATE TABLE "rule_budget" (
            "programme_id" UUID NOT NULL,
            "rule" VARCHAR(64) NOT NULL,
            "period" VARCHAR(10) NOT NULL,
            "total" BIGINT NOT NULL,
            "used" BIGINT NOT NULL,
            PRIMARY KEY ("programme_id", "rule", "period")
        );
        COMMENT ON TABLE "rule_budget" IS 'A counter, in points: what the rule granted in `period`, net, and what quotes reserve.';
        ALTER TABLE "rule_budget"
            ADD CONSTRAINT rule_budget_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT rule_budget_never_exceeded CHECK (used >= 0 AND used <= total);

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
            "tier_until" TIMESTAMPTZ,
            "tier_earned" VARCHAR(64) NOT NULL,
            "tier_grace_until" TIMESTAMPTZ,
            "tier_assigned" VARCHAR(64),
            "tier_assigned_until" TIMESTAMPTZ,
            "tier_review_due_at" TIMESTAMPTZ,
            "tier_recorded_at" TIMESTAMPTZ
        );
        COMMENT ON TABLE "account" IS 'One row per member: the lock of every write, and what a read needs while nothing is due.';
        ALTER TABLE "account"
            ADD CONSTRAINT account_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT account_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT account_never_negative CHECK (pending >= 0 AND available >= 0 AND held >= 0 AND owed >= 0),
            ADD CONSTRAINT account_sequence CHECK (sequence >= 0),
            ADD CONSTRAINT account_hash CHECK (octet_length(last_hash) = 32),
            ADD CONSTRAINT account_recorded CHECK ((sequence = 0) = (last_recorded_at IS NULL) AND (sequence = 0) = (last_effective_at IS NULL)),
            ADD CONSTRAINT account_tier_grace CHECK (tier_grace_until IS NULL OR (tier_until IS NOT NULL AND tier_grace_until > tier_until)),
            ADD CONSTRAINT account_tier_assigned CHECK (tier_assigned_until IS NULL OR tier_assigned IS NOT NULL),
            ADD CONSTRAINT account_tier_higher CHECK (tier = tier_earned OR (tier_assigned IS NOT NULL AND tier = tier_assigned)),
            ADD CONSTRAINT account_tier_review CHECK (tier_review_due_at IS NOT DISTINCT FROM LEAST(COALESCE(tier_grace_until, tier_until), tier_assigned_until));
        CREATE INDEX account_due ON account (next_due_at) WHERE next_due_at IS NOT NULL;
        CREATE INDEX account_tier ON account (programme_id, tier);
        CREATE INDEX account_tier_review ON account (programme_id, tier_review_due_at, member_id) WHERE tier_review_due_at IS NOT NULL;
        CREATE INDEX account_tier_earned ON account (programme_id, tier_earned, member_id) WHERE tier_until IS NULL;

        CREATE TABLE "outbox_event" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "programme_id" UUID NOT NULL,
            "topic" VARCHAR(64) NOT NULL,
            "payload" JSONB NOT NULL,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            "relayed_at" TIMESTAMPTZ,
            "relay_failures" INT NOT NULL,
            "relay_after" TIMESTAMPTZ,
            "relay_error" VARCHAR(200),
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "outbox_event" IS '`recorded_at` is an instant of the programme''s clock, what tells of the relay real ones.';
        ALTER TABLE "outbox_event"
            ADD CONSTRAINT outbox_event_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT outbox_event_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT outbox_event_relay CHECK (relay_failures >= 0 AND (relay_failures = 0) = (relay_after IS NULL) AND (relay_after IS NULL) = (relay_error IS NULL));
        CREATE INDEX outbox_event_waiting ON outbox_event (member_id, recorded_at, id) WHERE relayed_at IS NULL;
        CREATE INDEX outbox_event_relayed ON outbox_event (relayed_at) WHERE relayed_at IS NOT NULL;

        CREATE TABLE "transfer" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "programme_id" UUID NOT NULL,
            "direction" VARCHAR(3) NOT NULL,
            "counterpart_id" UUID NOT NULL,
            "points" BIGINT NOT NULL,
            "note" TEXT,
            "created_at" TIMESTAMPTZ NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "transfer" IS '`direction` is OUT for the giver and IN for the receiver.';
        ALTER TABLE "transfer"
            ADD CONSTRAINT transfer_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT transfer_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT transfer_direction CHECK (direction IN ('OUT', 'IN')),
            ADD CONSTRAINT transfer_points CHECK (points > 0),
            ADD CONSTRAINT transfer_not_to_oneself CHECK (counterpart_id <> member_id);

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
        ALTER TABLE "partner_key"
            ADD CONSTRAINT partner_key_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT partner_key_partner FOREIGN KEY (partner_id) REFERENCES partner (id) ON DELETE RESTRICT,
            ADD CONSTRAINT partner_key_secret_or_public CHECK ((partner_id IS NULL) = (secret_sha256 IS NULL)),
            ADD CONSTRAINT partner_key_digest CHECK (octet_length(secret_sha256) = 32);

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
            "created_at" TIMESTAMPTZ NOT NULL,
            "low_water" INT,
            "partner_id" UUID,
            "partner_units" INT,
            "unit_names" JSONB
        );
        COMMENT ON TABLE "reward" IS '`names` and `descriptions` are by locale; `worth_minor` is in the programme''s currency.';
        ALTER TABLE "reward"
            ADD CONSTRAINT reward_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT reward_code UNIQUE (programme_id, code),
            ADD CONSTRAINT reward_kind CHECK (kind IN ('COUPON', 'SERVICE', 'PRODUCT', 'PARTNER')),
            ADD CONSTRAINT reward_list_points CHECK (list_points > 0),
            ADD CONSTRAINT reward_worth CHECK (worth_minor >= 0),
            ADD CONSTRAINT reward_per_member_limit CHECK (per_member_limit > 0),
            ADD CONSTRAINT reward_open_value_is_a_coupon CHECK (NOT open_value OR kind = 'COUPON'),
            ADD CONSTRAINT reward_pooled_is_a_coupon CHECK (NOT pooled_codes OR kind = 'COUPON'),
            ADD CONSTRAINT reward_partner FOREIGN KEY (partner_id) REFERENCES partner (id) ON DELETE RESTRICT,
            ADD CONSTRAINT reward_low_water CHECK (low_water >= 0),
            ADD CONSTRAINT reward_partner_units CHECK (partner_units BETWEEN 1 AND 10000000),
            ADD CONSTRAINT reward_units_of_a_partner CHECK ((kind = 'PARTNER') = (partner_units IS NOT NULL) AND (partner_units IS NULL) = (unit_names IS NULL));

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
        ALTER TABLE "activity"
            ADD CONSTRAINT activity_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT activity_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT activity_policy FOREIGN KEY (policy_version_id) REFERENCES policy_version (id) ON DELETE RESTRICT,
            ADD CONSTRAINT activity_reference UNIQUE (member_id, reporter, type, reference),
            ADD CONSTRAINT activity_points CHECK (points >= 0),
            ADD CONSTRAINT activity_over_limit_earns_nothing CHECK (within_limit OR points = 0),
            ADD CONSTRAINT activity_content CHECK (octet_length(content_hash) = 32);
        CREATE INDEX activity_by_time ON activity (member_id, type, occurred_at);

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

        CREATE TABLE "coupon_code" (
            "id" UUID NOT NULL PRIMARY KEY,
            "reward_id" UUID NOT NULL,
            "code" VARCHAR(128) NOT NULL,
            "status" VARCHAR(16) NOT NULL,
            "member_id" UUID,
            "redemption_id" UUID,
            "imported_at" TIMESTAMPTZ NOT NULL,
            "issued_at" TIMESTAMPTZ,
            "voided_at" TIMESTAMPTZ,
            "programme_id" UUID NOT NULL,
            "valid_until" TIMESTAMPTZ,
            "used_at" TIMESTAMPTZ,
            "used_by" VARCHAR(200)
        );
        COMMENT ON TABLE "coupon_code" IS 'A coupon''s code, imported or made for it, and the redemption that it was given to.';
        ALTER TABLE "coupon_code"
            ADD CONSTRAINT coupon_code_reward FOREIGN KEY (reward_id) REFERENCES reward (id) ON DELETE RESTRICT,
            ADD CONSTRAINT coupon_code_status CHECK (status IN ('IMPORTED', 'ISSUED', 'USED', 'VOID', 'EXPIRED')),
            ADD CONSTRAINT coupon_code_issued_to CHECK ((status = 'IMPORTED') = (redemption_id IS NULL)),
            ADD CONSTRAINT coupon_code_issued_member CHECK ((member_id IS NULL) = (redemption_id IS NULL)),
            ADD CONSTRAINT coupon_code_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT coupon_code_once UNIQUE (programme_id, code),
            ADD CONSTRAINT coupon_code_used CHECK ((status = 'USED') = (used_at IS NOT NULL) AND (used_at IS NULL) = (used_by IS NULL));
        CREATE INDEX coupon_code_pool ON coupon_code (reward_id, id) WHERE status = 'IMPORTED';
        CREATE INDEX coupon_code_redemption ON coupon_code (redemption_id) WHERE redemption_id IS NOT NULL;

        CREATE TABLE "redemption" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "programme_id" UUID NOT NULL,
            "reward_id" UUID,
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
            "hold_expires_at" TIMESTAMPTZ,
            "released_at" TIMESTAMPTZ,
            "tracking" VARCHAR(200),
            "partner_account" VARCHAR(64),
            "partner_units" INT,
            "reference" VARCHAR(128),
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "redemption" IS '`points` is what was taken in all; `worth_minor` what it buys, in minor units.';
        ALTER TABLE "redemption"
            ADD CONSTRAINT redemption_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT redemption_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT redemption_reward FOREIGN KEY (reward_id) REFERENCES reward (id) ON DELETE RESTRICT,
            ADD CONSTRAINT redemption_policy FOREIGN KEY (policy_version_id) REFERENCES policy_version (id) ON DELETE RESTRICT,
            ADD CONSTRAINT redemption_points CHECK (points > 0 AND quantity > 0),
            ADD CONSTRAINT redemption_worth CHECK (worth_minor >= 0),
            ADD CONSTRAINT redemption_fulfilled CHECK (status <> 'FULFILLED' OR fulfilled_at IS NOT NULL),
            ADD CONSTRAINT redemption_status CHECK (status IN ('HELD', 'CONFIRMED', 'FULFILLED', 'RELEASED', 'CANCELLED')),
            ADD CONSTRAINT redemption_held CHECK (status <> 'HELD' OR hold_expires_at IS NOT NULL),
            ADD CONSTRAINT redemption_released CHECK ((status = 'RELEASED') = (released_at IS NOT NULL)),
            ADD CONSTRAINT redemption_cancelled CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL) AND CASE status WHEN 'CANCELLED' THEN cancelled_at IS NOT NULL WHEN 'RELEASED' THEN true ELSE cancelled_at IS NULL END),
            ADD CONSTRAINT redemption_partner_units CHECK (partner_units > 0),
            ADD CONSTRAINT redemption_account_for_units CHECK (partner_account IS NULL OR partner_units IS NOT NULL),
            ADD CONSTRAINT redemption_reference CHECK (reference IS NULL OR fulfilled_at IS NOT NULL),
            ADD CONSTRAINT redemption_settled CHECK (partner_units IS NULL OR ((status = 'FULFILLED') = (fulfilled_at IS NOT NULL) AND (fulfilled_at IS NULL) = (reference IS NULL)));
        CREATE INDEX redemption_by_time ON redemption (member_id, created_at DESC, id DESC);
        CREATE INDEX redemption_of_reward ON redemption (member_id, reward_id);
        CREATE INDEX redemption_dead_hold ON redemption (hold_expires_at) WHERE status = 'HELD';
        CREATE INDEX redemption_held_reward ON redemption (reward_id, hold_expires_at) WHERE status = 'HELD';

        CREATE TABLE "reward_stock" (
            "reward_id" UUID NOT NULL PRIMARY KEY,
            "remaining" BIGINT NOT NULL
        );
        COMMENT ON TABLE "reward_stock" IS 'What is left of a reward that can run out; one without a row here cannot.';
        ALTER TABLE "reward_stock"
            ADD CONSTRAINT reward_stock_reward FOREIGN KEY (reward_id) REFERENCES reward (id) ON DELETE RESTRICT,
            ADD CONSTRAINT reward_stock_never_negative CHECK (remaining >= 0);

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
            "redemption_id" UUID,
            "quote_id" UUID,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "booking" IS 'Amounts are minor units of `currency`; `cash_minor` is the part not paid in points.';
        ALTER TABLE "booking"
            ADD CONSTRAINT booking_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT booking_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT booking_policy FOREIGN KEY (policy_version_id) REFERENCES policy_version (id) ON DELETE RESTRICT,
            ADD CONSTRAINT booking_reference UNIQUE (member_id, reference),
            ADD CONSTRAINT booking_amounts CHECK (total_minor >= 0 AND cash_minor >= 0 AND cash_minor <= total_minor),
            ADD CONSTRAINT booking_points CHECK (points >= 0),
            ADD CONSTRAINT booking_content CHECK (octet_length(content_hash) = 32),
            ADD CONSTRAINT booking_redemption FOREIGN KEY (member_id, redemption_id) REFERENCES redemption (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT booking_redemption_once UNIQUE (member_id, redemption_id),
            ADD CONSTRAINT booking_quote FOREIGN KEY (member_id, quote_id) REFERENCES quote (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT booking_quote_once UNIQUE (member_id, quote_id);
        CREATE INDEX booking_by_time ON booking (member_id, booked_at DESC, id DESC);

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

        CREATE TABLE "amendment" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "booking_id" UUID NOT NULL,
            "version" INT NOT NULL,
            "reference" VARCHAR(128) NOT NULL,
            "reporter" VARCHAR(200) NOT NULL,
            "amended_at" TIMESTAMPTZ NOT NULL,
            "recorded_at" TIMESTAMPTZ NOT NULL,
            "total_minor" BIGINT NOT NULL,
            "cash_minor" BIGINT NOT NULL,
            "cash_change_minor" BIGINT NOT NULL,
            "points" BIGINT NOT NULL,
            "points_awarded" BIGINT NOT NULL,
            "points_reissued" BIGINT NOT NULL,
            "points_clawed_back" BIGINT NOT NULL,
            "points_owed" BIGINT NOT NULL,
            "points_forgiven" BIGINT NOT NULL,
            "points_expired" BIGINT NOT NULL,
            "points_reinstated" BIGINT NOT NULL,
            "awarded" JSONB NOT NULL,
            "allowances" JSONB NOT NULL,
            "explanation" JSONB NOT NULL,
            "content_hash" BYTEA NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "amendment" IS 'The booking''s totals behind it, and the points that it gave and took.';
        ALTER TABLE "amendment"
            ADD CONSTRAINT amendment_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT amendment_reference UNIQUE (member_id, booking_id, reference),
            ADD CONSTRAINT amendment_version UNIQUE (member_id, booking_id, version),
            ADD CONSTRAINT amendment_version_counts CHECK (version >= 1),
            ADD CONSTRAINT amendment_amounts CHECK (cash_minor >= 0 AND cash_minor <= total_minor),
            ADD CONSTRAINT amendment_points CHECK (points >= 0 AND points_awarded >= 0 AND points_reissued >= 0 AND points_clawed_back >= 0 AND points_owed >= 0 AND points_owed <= points_clawed_back AND points_forgiven >= 0 AND points_expired >= 0 AND points_reinstated >= 0),
            ADD CONSTRAINT amendment_content CHECK (octet_length(content_hash) = 32);

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
        ALTER TABLE "refund"
            ADD CONSTRAINT refund_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT refund_reference UNIQUE (member_id, booking_id, reference),
            ADD CONSTRAINT refund_points CHECK (points_clawed_back >= 0 AND points_owed >= 0 AND points_owed <= points_clawed_back AND points_forgiven >= 0 AND points_expired >= 0 AND points_reinstated >= 0),
            ADD CONSTRAINT refund_cash CHECK (cash_minor >= 0),
            ADD CONSTRAINT refund_content CHECK (octet_length(content_hash) = 32);

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
            "judged_at" TIMESTAMPTZ NOT NULL,
            "earned_tier" VARCHAR(64) NOT NULL,
            "until" TIMESTAMPTZ,
            "assigned_tier" VARCHAR(64),
            "assigned_until" TIMESTAMPTZ,
            "actor" VARCHAR(200),
            "note" TEXT,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "tier_change" IS 'A decision about a member''s tier: what it was decided on, and how the member stands by it.';
        ALTER TABLE "tier_change"
            ADD CONSTRAINT tier_change_member FOREIGN KEY (member_id) REFERENCES member (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT tier_change_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT tier_change_policy FOREIGN KEY (policy_version_id) REFERENCES policy_version (id) ON DELETE RESTRICT,
            ADD CONSTRAINT tier_change_reason CHECK (reason IN ('qualified', 'refund', 'opened', 'renewed', 'period_end', 'assigned', 'lifted', 'assignment_ended')),
            ADD CONSTRAINT tier_change_changes CHECK (from_tier <> to_tier OR assigned_tier IS NOT NULL OR reason IN ('opened', 'renewed', 'lifted', 'assignment_ended')),
            ADD CONSTRAINT tier_change_by_hand CHECK ((reason IN ('assigned', 'lifted')) = (actor IS NOT NULL) AND (actor IS NULL) = (note IS NULL)),
            ADD CONSTRAINT tier_change_assigned CHECK (CASE reason WHEN 'assigned' THEN assigned_tier IS NOT NULL WHEN 'lifted' THEN assigned_tier IS NULL WHEN 'assignment_ended' THEN assigned_tier IS NULL ELSE true END AND (assigned_until IS NULL OR assigned_tier IS NOT NULL)),
            ADD CONSTRAINT tier_change_higher CHECK (to_tier = earned_tier OR (assigned_tier IS NOT NULL AND to_tier = assigned_tier));
        CREATE INDEX tier_change_by_time ON tier_change (member_id, effective_at, recorded_at);

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
            "completed_bookings" INT NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "tier_credit" IS 'What one fact counts toward tiers, at the fact''s own instant.';
        ALTER TABLE "tier_credit"
            ADD CONSTRAINT tier_credit_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT tier_credit_activity FOREIGN KEY (member_id, activity_id) REFERENCES activity (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT tier_credit_of_one_fact CHECK (num_nonnulls(booking_id, activity_id) = 1);
        CREATE INDEX tier_credit_by_time ON tier_credit (member_id, occurred_at);

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
            "amendment_id" UUID,
            PRIMARY KEY ("member_id", "id")
        );
        ALTER TABLE "booking_line"
            ADD CONSTRAINT booking_line_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT booking_line_number UNIQUE (member_id, booking_id, number),
            ADD CONSTRAINT booking_line_numbered CHECK (number > 0),
            ADD CONSTRAINT booking_line_amounts CHECK (amount_minor >= 0 AND cash_minor >= 0 AND cash_minor <= amount_minor),
            ADD CONSTRAINT booking_line_points CHECK (points >= 0),
            ADD CONSTRAINT booking_line_travel CHECK (travel_to >= travel_from),
            ADD CONSTRAINT booking_line_amendment FOREIGN KEY (member_id, amendment_id) REFERENCES amendment (member_id, id) ON DELETE RESTRICT;

        CREATE TABLE "award" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "rule" VARCHAR(64) NOT NULL,
            "points" BIGINT NOT NULL,
            "occurred_at" TIMESTAMPTZ NOT NULL,
            "booking_id" UUID,
            "activity_id" UUID,
            "refund_id" UUID,
            "amendment_id" UUID,
            "budget_period" VARCHAR(10),
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "award" IS 'Points are whole; `occurred_at` is the fact''s, so that a limit counts by it.';
        ALTER TABLE "award"
            ADD CONSTRAINT award_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT award_activity FOREIGN KEY (member_id, activity_id) REFERENCES activity (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT award_of_one_fact CHECK (num_nonnulls(booking_id, activity_id) = 1),
            ADD CONSTRAINT award_refund FOREIGN KEY (member_id, refund_id) REFERENCES refund (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT award_amendment FOREIGN KEY (member_id, amendment_id) REFERENCES amendment (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT award_one_change CHECK (refund_id IS NULL OR amendment_id IS NULL),
            ADD CONSTRAINT award_points CHECK (CASE WHEN refund_id IS NULL AND amendment_id IS NULL THEN points > 0 ELSE points <> 0 END);
        CREATE INDEX award_booking ON award (member_id, booking_id) WHERE booking_id IS NOT NULL;
        CREATE INDEX award_activity ON award (member_id, activity_id) WHERE activity_id IS NOT NULL;
        CREATE INDEX award_rule ON award (member_id, rule, occurred_at);

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
            "transfer_id" UUID,
            "holds_until" TIMESTAMPTZ,
            "refund_id" UUID,
            "amendment_id" UUID,
            "hash_version" SMALLINT NOT NULL DEFAULT 1,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "ledger_entry" IS 'A positive number of points moved from one bucket to another; never changed afterwards.';
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
            ADD CONSTRAINT ledger_entry_buckets CHECK ( CASE kind WHEN 'EARN' THEN from_bucket = 'issued' AND to_bucket IN ('pending', 'available') WHEN 'MATURE' THEN from_bucket = 'pending' AND to_bucket = 'available' WHEN 'HOLD' THEN from_bucket = 'available' AND to_bucket = 'held' WHEN 'RELEASE' THEN from_bucket = 'held' AND to_bucket = 'available' WHEN 'CAPTURE' THEN from_bucket = 'held' AND to_bucket = 'redeemed' WHEN 'REDEEM' THEN from_bucket = 'available' AND to_bucket = 'redeemed' WHEN 'REINSTATE' THEN from_bucket = 'redeemed' AND to_bucket = 'available' WHEN 'EXPIRE' THEN from_bucket = 'available' AND to_bucket = 'expired' WHEN 'CLAW_BACK' THEN from_bucket IN ('pending', 'available', 'owed') AND to_bucket = 'clawed_back' WHEN 'SETTLE' THEN from_bucket = 'available' AND to_bucket = 'owed' WHEN 'TRANSFER_OUT' THEN from_bucket = 'available' AND to_bucket = 'transferred' WHEN 'TRANSFER_IN' THEN from_bucket = 'transferred' AND to_bucket = 'available' WHEN 'ADJUST' THEN (from_bucket = 'adjusted' AND to_bucket = 'available') OR (from_bucket = 'available' AND to_bucket = 'adjusted') ELSE false END),
            ADD CONSTRAINT ledger_entry_transfer FOREIGN KEY (member_id, transfer_id) REFERENCES transfer (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT ledger_entry_hold_dies CHECK ((kind = 'HOLD') = (holds_until IS NOT NULL)),
            ADD CONSTRAINT ledger_entry_refund FOREIGN KEY (member_id, refund_id) REFERENCES refund (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT ledger_entry_amendment FOREIGN KEY (member_id, amendment_id) REFERENCES amendment (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT ledger_entry_hash_version CHECK (hash_version >= 1);
        CREATE INDEX ledger_entry_by_time ON ledger_entry (member_id, effective_at, sequence);
        CREATE INDEX ledger_entry_of_redemption ON ledger_entry (member_id, redemption_id) WHERE redemption_id IS NOT NULL;
        CREATE INDEX ledger_entry_of_booking ON ledger_entry (member_id, booking_id) WHERE booking_id IS NOT NULL;

        CREATE TABLE "amendment_line" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "amendment_id" UUID NOT NULL,
            "booking_id" UUID NOT NULL,
            "version" INT NOT NULL,
            "line_number" INT NOT NULL,
            "product" VARCHAR(64) NOT NULL,
            "amount_minor" BIGINT NOT NULL,
            "cash_minor" BIGINT NOT NULL,
            "travel_from" DATE,
            "travel_to" DATE,
            "attributes" JSONB NOT NULL,
            "points" BIGINT NOT NULL,
            "points_returned" BIGINT NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "amendment_line" IS 'One line as it is since an amendment; `points_returned` came back of what paid for it.';
        ALTER TABLE "amendment_line"
            ADD CONSTRAINT amendment_line_amendment FOREIGN KEY (member_id, amendment_id) REFERENCES amendment (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT amendment_line_line FOREIGN KEY (member_id, booking_id, line_number) REFERENCES booking_line (member_id, booking_id, number) ON DELETE RESTRICT,
            ADD CONSTRAINT amendment_line_once UNIQUE (member_id, booking_id, line_number, version),
            ADD CONSTRAINT amendment_line_amounts CHECK (cash_minor >= 0 AND cash_minor <= amount_minor AND points >= 0 AND points_returned >= 0),
            ADD CONSTRAINT amendment_line_travel CHECK (travel_to >= travel_from);

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
        ALTER TABLE "completion"
            ADD CONSTRAINT completion_line FOREIGN KEY (member_id, booking_id, line_number) REFERENCES booking_line (member_id, booking_id, number) ON DELETE RESTRICT,
            ADD CONSTRAINT completion_once UNIQUE (member_id, booking_id, line_number);

        CREATE TABLE "overdue_line" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "programme_id" UUID NOT NULL,
            "booking_id" UUID NOT NULL,
            "line_number" INT NOT NULL,
            "overdue_at" TIMESTAMPTZ NOT NULL,
            "raised_at" TIMESTAMPTZ NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "overdue_line" IS 'A line that was overdue at `overdue_at` with points waiting for its completion.';
        ALTER TABLE "overdue_line"
            ADD CONSTRAINT overdue_line_programme FOREIGN KEY (programme_id) REFERENCES programme (id) ON DELETE RESTRICT,
            ADD CONSTRAINT overdue_line_line FOREIGN KEY (member_id, booking_id, line_number) REFERENCES booking_line (member_id, booking_id, number) ON DELETE RESTRICT,
            ADD CONSTRAINT overdue_line_once UNIQUE (member_id, booking_id, line_number, overdue_at),
            ADD CONSTRAINT overdue_line_raised CHECK (raised_at >= overdue_at);
        CREATE INDEX overdue_line_oldest ON overdue_line (programme_id, overdue_at, id);

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
        ALTER TABLE "refund_line"
            ADD CONSTRAINT refund_line_refund FOREIGN KEY (member_id, refund_id) REFERENCES refund (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT refund_line_line FOREIGN KEY (member_id, booking_id, line_number) REFERENCES booking_line (member_id, booking_id, number) ON DELETE RESTRICT,
            ADD CONSTRAINT refund_line_once UNIQUE (member_id, refund_id, line_number),
            ADD CONSTRAINT refund_line_amounts CHECK (gross_minor >= 0 AND cash_minor >= 0 AND points >= 0);
        CREATE INDEX refund_line_booking ON refund_line (member_id, booking_id, line_number);

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
            "booking_id" UUID,
            "line_number" INT,
            "matures_at" TIMESTAMPTZ,
            "matured_expires_at" TIMESTAMPTZ,
            "matured_entry_id" UUID,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "lot" IS 'One credit and what is left of it.';
        ALTER TABLE "lot"
            ADD CONSTRAINT lot_account FOREIGN KEY (member_id) REFERENCES account (member_id) ON DELETE RESTRICT,
            ADD CONSTRAINT lot_policy FOREIGN KEY (policy_version_id) REFERENCES policy_version (id) ON DELETE RESTRICT,
            ADD CONSTRAINT lot_points CHECK (points > 0 AND remaining >= 0 AND remaining <= points),
            ADD CONSTRAINT lot_pending_has_no_expiry CHECK (available_at IS NOT NULL OR expires_at IS NULL),
            ADD CONSTRAINT lot_expires_after_available CHECK (expires_at > available_at),
            ADD CONSTRAINT lot_booking FOREIGN KEY (member_id, booking_id) REFERENCES booking (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT lot_matured_by FOREIGN KEY (member_id, matured_entry_id) REFERENCES ledger_entry (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT lot_line_of_a_booking CHECK (line_number IS NULL OR booking_id IS NOT NULL),
            ADD CONSTRAINT lot_matures_then_expires CHECK (matured_expires_at > matures_at),
            ADD CONSTRAINT lot_matured_is_available CHECK (matured_entry_id IS NULL OR available_at IS NOT NULL);
        CREATE INDEX lot_live ON lot (member_id, expires_at) WHERE remaining > 0;
        CREATE INDEX lot_of_booking ON lot (member_id, booking_id) WHERE booking_id IS NOT NULL;
        CREATE INDEX lot_expiring ON lot (expires_at, member_id) WHERE remaining > 0 AND expires_at IS NOT NULL;
        CREATE INDEX lot_waiting ON lot (policy_version_id, member_id, id) WHERE available_at IS NULL AND matures_at IS NULL AND remaining > 0;

        CREATE TABLE "allocation" (
            "member_id" UUID NOT NULL,
            "id" UUID NOT NULL,
            "entry_id" UUID NOT NULL,
            "lot_id" UUID NOT NULL,
            "points" BIGINT NOT NULL,
            PRIMARY KEY ("member_id", "id")
        );
        COMMENT ON TABLE "allocation" IS 'One touch of a lot by an entry: its credit, a debit (negative), or a restoration.';
        ALTER TABLE "allocation"
            ADD CONSTRAINT allocation_entry FOREIGN KEY (member_id, entry_id) REFERENCES ledger_entry (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT allocation_lot FOREIGN KEY (member_id, lot_id) REFERENCES lot (member_id, id) ON DELETE RESTRICT,
            ADD CONSTRAINT allocation_once UNIQUE (member_id, entry_id, lot_id),
            ADD CONSTRAINT allocation_points CHECK (points <> 0);
        CREATE INDEX allocation_of_lot ON allocation (member_id, lot_id);

        CREATE TABLE "aerich" (
            "id" SERIAL NOT NULL PRIMARY KEY,
            "version" VARCHAR(255) NOT NULL,
            "app" VARCHAR(100) NOT NULL,
            "content" JSONB NOT NULL
        );"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE "aerich", "allocation", "lot", "refund_line", "overdue_line", "completion", "amendment_line", "ledger_entry", "award", "booking_line", "tier_credit", "tier_change", "refund", "amendment", "code_reveal", "booking", "reward_stock", "redemption", "coupon_code", "expiry_reminder", "quote", "activity", "reward", "partner_key", "transfer", "outbox_event", "account", "rule_budget", "policy_version", "partner", "parked_fact", "member", "lookup", "idempotency_key", "programme";"""


MODELS_STATE = (
    "eJztXeuT2zaS/1dQ88XZKsUVz8ROznN1VTOJd+NbP3LxZF/nKwoioRFuKEIhQMnavfzvhw"
    "Yf4lsi9RiI0x92Mya7QaqbAPrx68a/LubCY758fuO6IgrUxWvyr4uAzpn+o3xrRC7oYrG5"
    "ARcUnfiGluaIJlKF1IWxptSXTF/ymHRDvlBcBED8MWAkFCuyYCGZs/mEha+JmjHiC/eBiC"
    "lhSxauySrkSjPTwCOrGVWEkpBRjwSMeVJf4T4jgVAzHtwTLokXsefwdE+4+vH64jEf9Dn4"
    "HPwseKAkoSHTNAJoIniAHJF/slAQoZ8oQvacjAP2RTmay6FqDAPACzAa+pxJRXggFQ30Mx"
    "U8yZ19DhSfM0J9oV/dndHgnhmO+TUZ+1QqZ0blbGzGmMFL6h8Bf8c/7pkEFh6YnxZoKTBp"
    "XnWsOAuzZ8/4/UzLQ9OYX7thh7cKmDciU/3yFITGhUe0VrlPzBCO+XtsJKXZPgf3Ws+MTJ"
    "iWjUe4imWYDqx/2HRKqJT8Xo96nQwRsiVnq7I8QEbJb+H6PQJPGmVGAf9NEypxz/SdUKv0"
    "v/9HX9ZPY1+YTP+5eHCmnPle8eM1P8nhHoxjbjtqvTC3fv317Y9/NAzwvUwcV/jRPKgwLd"
    "ZqJoKMK4q49xxY4d49C1hIFfNyH3kQ+X4yHdJL8fvrCyqMWPbi3uaCx6Y08mGqXPz7NApc"
    "mCHEPAn+79v/SN4wR+Y4Hz7eOZ/e3DnORWVmwSuU5kByyRUBzEr4ZEFMv8fjbuRirl7AA3"
    "746eaXr65e/cGIQEh1H5qbRmoXvxtGqmjMalSwkfkiFPqLmM9ZR7GX+Q4p+fTCRvSbRSkV"
    "aio2ywSdE6yeEfCUikxv+f3bQDVIdcNUEiiPF+ozE6V+X/2fr//t8vLq6rvLb65eff/y2+"
    "++e/n9N99rWvPG1Vvftcj/9u2f3n64gxcSehmLtzG4UBQ9XVIeS6ST8AtsKP7e4p8lwt1d"
    "8ikHCr230MWKdRR6yoFC7y10yfSPD9yO60yeC4XfW/iZaV0n/YCG63rpF9hK4p+sFZNnqI"
    "A2Wb77eAsjz6X8zYcLf7n55fbth5tf/v7V+5u/GUNmvk5uvfv44U8pfd66uf373ZubOumH"
    "zBWhxzztFlSV8KOWHzhGLWoo8Ze04SUDPE//2EEziY1+Boq5e/v+zae7m/c/F7Tz483dG7"
    "hzWVBMevWr2PLczIpsEPLXt3c/Efgn+cfHD2/KGszo7v5xAe9EIyWcQKwc6uVlkl5OL1U1"
    "zqZTpj2eJeur8vIAqHObdZ6Lg3TVdokV9WyzniHMU1XwDzMa1is3pS9pVYvnDHfPizn94v"
    "gsuFcz/c9X37YoVm+eJgTw6tuSsj4kdy7Nrd8rwnUkr7UT2+dQkfMAU8g20Q9tDsXR1l5q"
    "zjhxpbRey3HQveuCmWPDdXPXddOkK/aYViV+nFzWT640+9R5euUZe00wyzR7kvmVCm2PKV"
    "YdAmeZ9bOskNPtpfbKCKj1M9B674BdHT9q3DaNA7Zi+pDL9MOFCXUfVjT0nModcSmaaKu3"
    "5pfz8hUa0HujJJAmvGeGP1J8ydX6ohablNwbtYOTclRb0UnjFQewj+PzOY8RKobQoGIAla"
    "MA3LKikkglQoDLxKZ4hhECDIyka4AOrauQpIOPvgdGphtKA1Ex/VAxdiGR7F0Tu+BhEGh0"
    "HMEaSVQE2uIrJfQYg9jBRwrZlIX1Kf5mCReYBijmF5ff7yBnTdUoaHOvLOmFCFW3NESeZ4"
    "Byvvzmmx3krKka5WzulYBCrhuFYS8XoMSK+QjrzP/ihOrt6x3ezUNFH0/RVOnfOokS6FJR"
    "z//56eOHBrRrgausYu4q8n/E5/Ic8WgtygV5FPSarpUZGiq3jP5Qg4WCAW5LS2rePayq4F"
    "YIn9GgXgtl1jIgTfMOSwG3Hz++Kyjg9m0J6ffh1/e3b7T5YLShibgyl6sAwIWp5qkReBvA"
    "PuNB5GVv5OVC+NxdO0sWSv2+Xf25OmZ06koiZl8WPg2oeXiHRb3Ehqv6Hqu6frxiQR+IcZ"
    "kTUcZ5m2kbytiWELbvC5cmMqoGsTd3R61h7CLdTmW2SkTuDCorKfGFIpM1oYGpDV2/JlxJ"
    "4moXzBRuEo9NuCJfBeyeAqT2DyNiqkC1QJX+4GHM+vragz8BA9pW7B8Y0D7lFg3zpaNE8z"
    "wo0HJJiVAdxbnhQGGic/R4zpEtJsucBZ7+X31LkOxmu8FSINtqr9zNGJkI8aD18Exqu0Jp"
    "snJzCWgWEX9acaZcGxT3dMnie5q3aqMcZFTTRSNxM8fEtDqJG1dsRs5+rCTTUMzJi+dkTE"
    "EPzDNpftMTg1FtK4WRz8h9SDXp5wAGMazMSwcjPCDa1rvW/NriW9HAZXIzhAnvaGIYRZIZ"
    "9YjPpsrgB7h6TpK2JKuZkCxuJvK1iBSZi6XmgQiReW2tiSXzCQRdNS0L9RX6wALzg++1ba"
    "b/utff/msyjsXihIxLGemfgiaaPSs0mmgn3ASTydlRpkUuFGpJqMmSWpVoo12R4xiSYXH5"
    "4tvvvv3+6tW3mT2RXWkzI6rxVAQZIMhgWCCDxDrqkXoucmLm2erMM0IMnoiijQvmzHkgap"
    "bOtpBCiXFI2/+Jk64ulbM+GijyoQL2U0Dc3rO3HsrsqI49QAgY4HxEwTtJnKyPAvK8qIh9"
    "FZGG+XppIs+MqthXFa5PV9qkhWh+L22U+FEh+yqke1fMEiOqYF8VTEVoshO91JBnRlXsqw"
    "r2ZcHDnhMix4uKOMCWDWcIqP6bdo4d1dFbHY02bEvZRKPpiuja1x3QtZs0eSfpF7hQAXso"
    "ABHmj64CRJg/bYR5ij56xwN20QbZMgSjnWBbjp/S7oQ1B2pCJaCnuCSm1ShgwbPhrnNoIh"
    "VBV5MxcfVdAiLIjg1aUO6laKaLkqaP+BiENJ1i5iGk6fFFXMqsm4neTaplPhQsYsUQK3Z+"
    "WDHYSZ342MIOUi1xoWTrYjOh8CK3BsjSDA3LsQwQGXb4bkp0Dij8PtnzMueQvmAEkjwtBc"
    "SFHA5UnFQ1AKi5BihVka0NMbeDKs6n7yoA4OolqEQP+cVMT1l62C/okeN+CF167PRbHGPq"
    "mXzbMKMqzrJMFoa4qIu3mhuj1jhrRrI1vFo+bP6ajHMNFLNj1Kd6kGdyRKSI61hpXC2aFq"
    "xO1rVB1UMODoWyNyRk0whKZ+kDk5o+jb1CXSsJxQqCsNAaRKyCEZkwX1/5JwvFdSGMS6jn"
    "SegQYkbRA48nkXfPlBOfSz8mIPD4zcwbsDB+rVwtb66wFSwd028krm41r6MERn7tCfRg5P"
    "foIs4V20R+twLBhB4jEztEJtAke6xzy7Ed8dMoIXvk/Mr5eOxdkoHJISldc4FFNpRqpRxf"
    "W8IdZVpgQolal7QepFwL3lUX27DCOLzzEl/s0tbgRXNXgxemqYElIYvbeBu8qAlapLdGbW"
    "GLSY5oa+DiZh5HByC4YPI9RGsYXP8pGRuLK3DX42v9d5YQyuINCxoqOPYqhmrxIPHqq/GL"
    "Iz0D4wJWrFAYFzjhJoAHax3PDsS2TNiW6XHkfJS2TGAG9Aq1FBgx0GJ1oAWbMj0RRad2cp"
    "dVM88zwFXzaoc186pxxbyqZAXo2kQf5tqb6OZgVzmH52EfPguDbcYePR+D6FArMEqYicRT"
    "zWxSyWE8ahnQhZyJGru0GXea50HUKRb8n7MKsOD/cQr+i+6xx+bmRTtneEuMmI0sSva3SK"
    "iuQeg8D8rTtnxjU2OK/O3RDnnHDk0pbrJeEVMeSkWSMK93HbeAyJ3YM6cei1HJRCoaeBJy"
    "gWrGNFtNvvFgw2KK0YJpMsIUI/ZGOHOhdi7ix/p9rN/H+n2bxI0R2qeoAKzf77QlYv0+1u"
    "8/mviwfn9IKy/WEQwu0vSD/s8vbMmof1ETaMrdHbXFmVx9yQk3hFvDTH+dCbKiksiZWAVJ"
    "QbomgcAPJZtIb3zU9GrGgrhQfZUGkKoRpoOMiMElC2bGCINLp4VZW5CQGaZo9RJY5yU2B0"
    "QyhgGGQ46CqI73nJ5g2wIrgm2tA9taYyLNFz5LhF9jImV3t5hIBbpdE3EbI8U3rX+komsG"
    "ZXcjEknmvTZdesDcCYje16GEL2nk49KATBiRC212N+bjDjc6Wk5W7D1oOZ1we8e03BGEig"
    "22j5WgS3agXsZSmRetJeusJaxBe5KKxsrdY/mZ1rgf0UIEEIm9qHU/srtb3A+gc9yUcAf/"
    "I2Z5Jk0gdUT4PIbsQUdQA9KLT4KKA6oQb93Eg2K/gseuRdw9NGkcWnJCDv0IaKU6zozWse"
    "EbF+JU47hnK9effaRgfMbvA/LA1vI1odqtUdQX9xEzLVcDtmThZ/1Nay8H+qpCK9Z48GeI"
    "RbTIeGx2erA3x9GCxmZh6xowzjGhSCvmudep00lKP8At/ChNTuDE5qgGNdAs4Q3HEGX8ah"
    "cRl23bnIRflQX8qBGmweACrEvNDVKyqaXZw0EusaKDbLWDvKQ+95woUNzvqugS6wEUfT5T"
    "6ez0zKWM+k3nPCPq2GYdQ0qyh4ZzbKhf6/U76dRPK8cyvAZPR0HMLAXvlxgoMOJEsm0iWR"
    "KtfvNlwcP1L2wOagwvaiLWJYpRW9SaGVonzBNvjVx/DCBQHHOMyNijazkmEwaxXhNEjgcl"
    "X7Evrh9JvmR/MCBh30/BLSa0bKg0QxLbrUavj/cYDCtb4S0iluboIi50R9LzQPbYl4qc6I"
    "5btzPl1QyrZFXBjbCelBzxPNip0J4yOETXDHi1ssSOfgsBfKGgV/Sf2brOji5RtNrRfEPr"
    "PCTE2+zoZo3vYZ8mD9/VvU/ID5N+226bnmOCE8EPp8/UayeuG+RuwzHATPJRwlRiAQKp7Z"
    "XaLOYC0wAlffiOQjxYRMqRM3r58lWdJdncEbXMiR1R8+ZLt46oEn5CRfrNvUQ2HHv1ETmf"
    "COxxugGHjPashihwohGPRny9Ef+OefcsfBOosNaCz99uNd99Q+iwjHIH9LYWI1d8yUhcFQ"
    "Wx5yTuPBdL5sWVnSJgZBK5D0wRJQgNBNjz1zHwmbgzGuifRehUsRCEUdvX9SjPMTjumdAy"
    "jvEX2eGTWTCd8ADawyoCBawz7s4IJT99fPcj8TiTz8ndDMDjUUjGn6PLby5fOWbwMYnnsP"
    "wc0CRKn+K5yYT6NHCZ/oPNuIGb60caiV+TMbT9Nu/w6aebr/WGRwS8eIF/EbIlF5EeGogT"
    "xHo6hAGcm/pZbQgK19go0tD4QslR0uIW4Ohz/XvgEE4YJD3OYIxZAXvcAMwKnNDTkkz/mN"
    "oTINuCnHkuDHP2DnM+6F/bKViT0A/Q8To8WBq2RSfeErvIuMSGot5B1No27C7oAhOKeQcx"
    "YzrqkdZpNp0yF0zwPsnzEi/6stb5sph5fIKKhopjaBJj3NaOa2qZFZfW3ksrXVJuJNJHET"
    "XMqIreqpgBYw8tFPlQAb0VIFaslwKKfKiA3gp45HZj55Mt6tahlS+5WndtaF5kQ6li3fKp"
    "JDuNgu59N3JMKFE80+AUctUDBnLaOR9SYkOplqzgTU60awCgxIoVfDb7/9g5/vid46msQx"
    "fesS8NjsyGYwilxm2z5c3f7goTpYK2KuDcUvIyBKu0cuUADVWpf5pT32/24Uu8j+tEvtjj"
    "u44dx6vL715lriL8o805/PT+5t27mnhI5zPs8ez6PkhNW6Bk2o2PFhd1KLL4zqgVQLah2e"
    "FoJqoIPEMa2BY0whRT82eMVQGwEiVZkcBrc7ySttgAcQGdOone5rQM5Qj6aepXqTuq6cBP"
    "ALjYDUkiHUlnUBjbX5OHAI6DmqzjMbQbBL1FN2cxxMSufpfkYHI9SUgg0hdZs71PN1hSP+"
    "rU1y9jGFzVy6ud9vFXLfv4q3Qfx6qX02OxXLHo9CFnDAM0SbF7ov0frN5XugbKMg6UpUWW"
    "j6o3e9Q2m0ftZvBAIxc3ZB5XydmQsfngs6mBYvOa45O2sxgEey4DrAx8HH4awNX9GHyeAO"
    "UBi55k7a/JeNPPwrBsEO/wJBjgcwBt0fNNZGIcfcz4HBqez7X69WgZbF5Gc3gv+FOL5VkB"
    "hv6c/Bw/+3OQAvepivQraaNJM8wl85faUtOPGcc3zKuNCIffCQ+QTI3iM6IMyj2h8pzcD0"
    "EAuy2Tus10QgD7wfcgBEU+Wo+OZA3sJvsCG4q/PyaVhkEvmGKBEUGKdicpcuZNVz2XeTEd"
    "ZbOmLerOhlo+HuhY+Nxdp4mWrvGzOma0B8tlX1Hax3Tniq+MY4BhtMM3NEGQ5OE/2sc7kt"
    "UycR66g+MmntJ1Wy1y4rZq87ZajYf103Z5BNT6WWgd+n90janV8OKmZE1G4r0JeV7UJCWS"
    "O6O2vMR8Q7MDFkPkuswQLl8TCPXrTwGADgtta4uA+gQ64XiSzFgYZwl4QMYx5GM8IvoDNT"
    "f0e9RiMY7whD0i/XbFoJ9G3B8hE8er1ohRS10cvgLTAH2+oxzuaf7bQcgp/RCQvCcAS0NW"
    "pKbgoFm+GcMABfxyl6CFpmoW8MtK2GKhhdTpA84Yhifgq8sd5Ht12SheuFUKCvFQzTxa03"
    "oc/K6GkFCOp83TOj9pt0gXPKcG2TlJm0aH18D3G4NADdwYDKoGgwCQ43daAzYcQzQTDt+g"
    "KhRTXifh5kbLOZa9Oi3bJuoW0R6l1TKevX7kb/t/Be+HtygwIt7C6pCi8QxD6jtQ9NLZpc"
    "wz4pzaYU7FUms4kra120KeDeO21sRtP0ZqIr68WbKgFlGevz1qi+AKQ+iwjHJrHHec675n"
    "QNk0yBqYJ7jsLJj2TBJXW3YPoxhWrpjvy5QoZD5d6/+nPpTL1fRjP9aDDJzdXEw6qY+SDu"
    "eMJJf1Ny/CcVJ8p8iKQrfzqQhHBt4umX5+4CYDQ2gZCu2mVBtXHoLDbZmno5YgsV2B+bNd"
    "CksOCcbdj9J7Riy428VAyhgGaBgdHmO1oGtf0JpPtsWR3rCgI72HI40NgJ+Mr6ftpJ56zn"
    "MiSMh6LTtgBgOar0Ncvco4pGKlg8XUcx5Lr2nU2LcW55GF88i4oN3iYgW24aVSDwYGsCWC"
    "s2ShF7F3PGAXdRGc3O1RawQnJnT8lHKHA/WANg5vrKgkyQimLD4dDUIupgQ+qaOHGAiEOq"
    "BcH6Ihm7ZDdQfpHXx8DKlY4ZZiSOXoIsaQytEF+8h1VcMU6uMVVtkmz0Mb/psts6vdX+TE"
    "KInddj/lsl+QJM+ISrZOyZb4Gz/T8IF5f4w9g4q7kbvb6m0sDJ0zTQl3cDa29CqdMG3zM2"
    "P0J1vsiOjn+5xBMzKWkop5XY744KPv4WjYUiFhUZfUA9ZHYMnPo9nJvT7sWuYBpiSPUgKE"
    "x1UfEQsnE6jTrvnelB6TvXslexcirE1dtO2NG54BftlHOgrEZXzZN6meZ0VPAj2JRk9CBf"
    "VNA9Jb23yIjGib/9CsW0wJWGEuol1+cru8a8nEgCslDg8IPGn1vd3CPYqB4oYM5NHDPily"
    "onmC5kmrefJntm6xUODuLkaK85AQ7hDohFMUtK/Iqf8aak8okUxfUkQPER/g9Omnm68vX7"
    "6CWpYHtlDXcDJUNPG5a0iS45piprpQ50HHN1Uw5lgbOU7KWvRPhskChyXIBXWZrB8gkcwx"
    "cBnNy2ytKXD+AdJD9YdAK+z08Ixkgego1gIXFlSWevMESx6KYF4boWvp0FNkG6ApdowoKG"
    "wDjpxRvWNUhd12+GaFtecpnOfzCR/yEM7KOXTdeklkHAP8ytHhsOaLPwuHoxj4XoqHnnHv"
    "PCcWR9imZVvcSnMoxF+Sk7vrPMsCwajVuSwcMLGbfzlm0ylzFV8yZxqK+eYMPoDMU5KMFe"
    "NZZkL/IgJkpq3BhN3zAE6CMi0R4GuueJcHHx3D81bY1ugYntyJyc3qHVHQOQ5EQNedwFZY"
    "m7ru71Vu3ONt2+Pz2ta/NqqPADRjdPI8iNPZA6cTCFWT/rpjXxqWrpR+EN5o2yx687e7dm"
    "EXAgApeVkDpRAixNblrKEtW0vD5BLfIIR/glDARm7dvcQyL4YDrNtEbHEUUwP5os5JzG6O"
    "Wh3EAhmCpAbrhT0ulseiTOjhkTymIaQjplMJyQqmn+51PL28aYQhOWknPkwbo/G4/R53+/"
    "2vCFySmq03vtG67f6WkWwNx97NGGFL6kfUbEBUxp1iJTFjeHFP2VXWQVaSOfUYEdNq6LX3"
    "SADheUPdGcRdxxQkJ+M+uSSMfP3KUPQYt1fZdLhdsJALL22NO4k8bRjEUV3977UBAunPgI"
    "VL5n0OeDCCwkoQ8HMylgFdyJmIe/Ea7rjE65n+lyATdk3GUM6v32FGl4zQuYigswsPyJwH"
    "ehg9z9TeRZZolWA3F3vWZezm8viCxfM4jn3WjNlCulnOGx60lXvbyrC/9jKVC4xoKVtnKZ"
    "caUEPiwplrU0h0gkRXOYfX9PEIDb8L0Iuum3EdM+7INa3AavaL5uxdxoCpuz1Sd7EH2EXu"
    "Gw4U/D4nwiWOcRfR53lQ+HsIn31Z+DQwoZMu8i+xoQr2WXhc1a1XdcYwQP8LMezWfOxn5w"
    "voRYnr4XqouciJarZazSHzGe3Z67PIikBG2/RsSRLsF+axeSr8SiYsd3fUlg4Li3TbSxTi"
    "sJ9JEK3S7v+KPjA4uJFQ378m45UI1cwxGaFxltWaRGs5qssUFWsUDjq8KYBPy3Gp60K2yg"
    "y90N69CKDIfjUTkpHkHolzZGn5O7lnSpJsADPmOHmP5+aAyaTv4eZ189z6NWRk+pCGxKVw"
    "WiVk67QG+JKFa8yS2RPXwCzZ0UWMWbKjCzZkZlPpJtUCE/YqwLwj5h2fQt7xt4gGiquako"
    "RGuedZhiT5g5Ww5ezSbl90ibGXcC1bfx8JeRqFYI93KrTJ8wxwzb7aYcm+au49VYlSag+y"
    "U/4pY8DwO4bfLQ6/I2bg+D1tMcMx1JBoXs3QOsTpn+aoYccQuM36xlTH09BzKY7exRqpYU"
    "Uc4w44xnzioYOnXuEbkEd5MG8d8lxQ2tTlO87zDO8DPtJhNY9yYp7Vgj7KeWLTyJ9y3++1"
    "D5d5cSO2eSN2qZ4ZPTVd5kVNn4emuzUPKvMNbwk9DgTTiM0JtU9ShzRu7pBVYRyCwE/RKc"
    "saKBUcMHxRC6Myd0btEKqMZit86q8ppikQijAaBswjdKpYCJiiERxXbE4yzsGeoKFhrj9A"
    "fOKx/tVV7NQBx46BUybR6rg+XcFKoq8D+Mn1I/2bYoYJMyxC378mcczGM8NNRXjPl/oJ8R"
    "gkQVdJ4okAe8daFJ1F5NPRRVw9bLmbTItcKFQ7HEzbhHkCDxPP9z1ZyETbEz0D6gVWzJRZ"
    "7d6FzBVhX0UXWFHRVis6LQNwMse8qu9bIXxGgwZYae0A5TOZ9AjDUvTtx4/vCjq+fVt2JH"
    "99f/tG72RGuZqIqzg1Ugn3V52ZGhVsRZ2W+YeEgzwxVi8RKPiOvTSRMqIK9lVB6qz3UkOe"
    "GVWxryqSGEovTeR4URH7KiJkPIBajp66KLKjOvojuqnsBakv8qEC+itABAo6kM20QOtU0H"
    "yEaJmz5wmitqmhTaIHPELUqszIOx6wi8bsiLk72p4hcfyUcGua5GPACFA/k6aa+jW5D4WU"
    "kEBIIxwj6G/MFVRjw1zPdT+OMw5qS7LkKE/ApIYVwWFMahxdxOVoZeeq4xwTihTzRKfpWO"
    "kEEUzlqlQb7cgS15AMyYMhac3O2cdILzEOSbjoJj0tBWAjgxMK3hrfCMa4qPWLzJ1Ru0+U"
    "0WxvugXjy7HxQMa5e3Ap1P7HmvjCpT4rN8fi5mgW47OkzXO0v5NWvNd03zrOcwyazBcrZ6"
    "W/5ph8JlZEC3atnSnhM4+YMnHzEJ9NFWDVAiLFnE2EtybzSALWjCjhe9dw9I0RHVlxNSM0"
    "1+GLe2bspMOWHlW/sPHSso5cgb9+TsD1064dTS8/k+mIEMmWuQGTjl/JSTobcrEKAE/H3Z"
    "l5ZWjupZ82BnInEWEmK3QM7bEG8aT00xd9P+rhh4+9JR65QFD7e52Ok0jpByjcw/emMgt5"
    "VbrNrU4yBmx1skerk7zZ0UX6ZT5Uwh5KADE5fXyaEiM6Nr09SrFggQNHRtZsn61YsSIjYs"
    "R2x4hhA7fH/uj5XLvaThT6Vfk3V98VmLDybrfKu7zU9WLBPQeKwapib4chFzmxmNhmEHKs"
    "qyhQvGZ27aLmjBX1bLOe9TbE59HcUbxbqU6Zbwgr6dE79LDQSeABPp/zmjKO5uh/DeuADI"
    "eDZRfjALHT0Hi01RIus6ItvLstnIXrO3zSBR78lmu+5SxR0SnGXODCHv3YJO1kH+wmo9Ul"
    "FFfk2isQZ5l8Tx2Ho67iy64BoA0Tbni7b3jYnbiPAs7CO7IKL/JJCffhohE0Et8ebUeOOD"
    "Kj3K3rEJcxtsJAHxLAQ4JhD0gYBURE6pqIgBlghf4HkIkVMW2DNE0gVEPPoUONvAdK4lHP"
    "PnqimImQzfUTaluotgXLC2yYIDpL5Fvks9vI09O0diHb3G1fxzSdM9kQbl3GbuI+Yiw0Bz"
    "3GWcbXm3MXYTxyH1JN4QHBeMFCLrzxiARM5dqc/RYJxQDzJVm4ZNU17TiPMSA4JRT1DUgN"
    "Rprr+RYvlDESDg6RIMkhEtCzDUrcoQJJCi2RcO8lUr93l3hgSn8YsMj2JfHswoCIJju9s2"
    "+mWpeveMMxRNDTLt2nXjQ3n3pR6T1lFqhu+3nGgnt577x3JLs2Gkg5UOjnaEDdcRbqNSsw"
    "v7tiQOXuthpQynSE2hDuYEB5zOWxeTGJ/bA4BfVMGyR6sNfZcdrQIxZoPW2BiCC2agCzb8"
    "wWw0Kk0hclAN15jWN4vEeBIZUb3dhPD4wtYpsKxh5BGTd4ooF28PTnNqNw9DZcHANUwWQ4"
    "kyIHJeJ/IUrfnu0ey7dPaFFlE6KLUVVgGqBddXigQLLOdBFyjgVFvIOI2XTKTOajRwi/zI"
    "tBfOuC+Ng49Ukquv4ojraG03udwWGbMo+9aPJgEdXBJpqT+xsOrLDZI7OP5w0PvY3O+UBX"
    "Osj0fyFd02ffLTDirmv1rhufHdTZYSmx4f67w/7bqxwDCzHOYhpRKfl9n4lUYcRSjO0zKR"
    "NarylV5ca5ZfXcclVdkW7LnEoZhjeXjnIIUSBUDVqkuQg3pR+CeE9Rf2tTIjJkHq9FcuXu"
    "jrYnIjeEuwFSARA61WQx3EoSJWLkqB5MjkiCtgKCuOMWMS31gyYQ6j6jYeLPCjcTE39HFz"
    "FGR44pU1N5w9W6o1BLbCjVUicc13SS7BN1KrFi3Mlqox7Tek9E0XLBAq9Po6USI4IfeyNO"
    "k428S8V0nmVIkj9YtXTA72edatA3DChPbKpuz+LgivnCZ1DT3GOZqGcekjb2+sBtCfyENJ"
    "BTE+uohn3Se6PWoE+eansLe4+HzEQhTPnbx1/vyFSEJigDXddDA8d++yG7qIkZXK9pUr/P"
    "SBjpscK5w0jP0UWM1YhHF2y2EHVJRBWYBoiRuNohF3XVmIm6KuehklJs6NbU8fOtcuIHjA"
    "a2HQY2ZldP190YGzv1UsU5xBQt8aVuWMjd2UWNJ5XcGbX5UXRDs82Lalbsgf2axtW/diOt"
    "WfmTNWc/f8ZyT37U4sYk0PwuhmGOZYBm4eXLl7uAlF6+bAYpwb1SvlVPqg4STsgHKN0XO0"
    "HAXrRAwF5UIWD6iYoFNbtmc3FQjgWrgzpWBz3qZvb7/wMa9PaX"
)
