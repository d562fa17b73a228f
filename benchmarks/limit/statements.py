"""The statements of the limit's writes: one a table, arrays for several rows."""

from benchmarks.limit.reads import BUSINESS

CLAIM = """
INSERT INTO idempotency_key (programme_id, caller, key, operation, input_sha256, created_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (programme_id, caller, key) DO UPDATE SET
    operation = excluded.operation, input_sha256 = excluded.input_sha256,
    created_at = excluded.created_at WHERE idempotency_key.created_at < $7 RETURNING key
"""
KEEP = """
UPDATE idempotency_key SET result = $4 WHERE programme_id = $1 AND caller = $2 AND key = $3
"""
FIND = """
SELECT member_id, row_id FROM lookup WHERE programme_id = $1 AND scope = $2 AND value = $3
"""
TAKE = """
INSERT INTO lookup (programme_id, scope, value, member_id, row_id)
VALUES ($1, 'booking', $2, $3, $4)
ON CONFLICT (programme_id, scope, value) DO NOTHING RETURNING value
"""
LOCK = f"""
SELECT a.*, m.status, m.birthday, m.profile, {BUSINESS} AS business, (
    SELECT coalesce(sum(t.spend_minor), 0) FROM tier_credit t WHERE t.member_id = a.member_id
)::bigint AS spend
FROM account a JOIN member m ON m.member_id = a.member_id
WHERE a.member_id = $1 FOR UPDATE OF a
"""
LOTS = """
SELECT id, remaining, earned_at, expires_at, booking_id FROM lot
WHERE member_id = $1 AND remaining > 0 ORDER BY expires_at, earned_at, id
"""
BOOK = """
INSERT INTO booking (member_id, id, programme_id, reference, reporter, booked_at, recorded_at,
    currency, total_minor, cash_minor, points, policy_version_id, snapshot, explanation,
    content_hash) VALUES ($1, $2, $3, $4, $5, $6, $6, 'CNY', $7, $7, $8, $9, $10, $11, $12)
"""
BOOK_LINES = """
INSERT INTO booking_line (member_id, id, booking_id, number, product, amount_minor, cash_minor,
    attributes, points) SELECT $1, l.id, $2, l.number, l.product, l.minor, l.minor, '{}', l.points
FROM unnest($3::uuid[], $4::int[], $5::text[], $6::bigint[], $7::bigint[])
    AS l (id, number, product, minor, points)
"""
AWARD = """
INSERT INTO award (member_id, id, rule, points, occurred_at, booking_id, refund_id)
SELECT $1, a.id, a.rule, a.points, $2, $3, $4
FROM unnest($5::uuid[], $6::text[], $7::bigint[]) AS a (id, rule, points)
"""
COUNT = """
INSERT INTO tier_credit (member_id, id, booking_id, occurred_at, recorded_at, spend_minor, bookings,
    nights, points, completed_bookings) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, 0)
"""
ENTRY = """
INSERT INTO ledger_entry (member_id, id, sequence, kind, from_bucket, to_bucket, points,
    effective_at, recorded_at, pending_after, available_after, held_after, owed_after, booking_id,
    redemption_id, refund_id, actor, hash_version, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0, $9, 0, 0, $10, $11, $12, $13, 2, $14)
"""
LOT = """
INSERT INTO lot (member_id, id, points, remaining, earned_at, available_at, expires_at,
    policy_version_id, funder, booking_id) VALUES ($1, $2, $3, $3, $4, $4, $5, $6, 'programme', $7)
"""
LOT_VALUE = "INSERT INTO lot_value (member_id, lot_id, amount) VALUES ($1, $2, $3)"
ALLOCATE = """
INSERT INTO allocation (member_id, id, entry_id, lot_id, points) SELECT $1, a.id, $2, a.lot_id,
    a.points FROM unnest($3::uuid[], $4::uuid[], $5::bigint[]) AS a (id, lot_id, points)
"""
DRAW = """
UPDATE lot SET remaining = lot.remaining + new.points
FROM unnest($2::uuid[], $3::bigint[]) AS new (id, points)
WHERE lot.member_id = $1 AND lot.id = new.id
"""
ACCOUNT = """
UPDATE account SET available = $3, sequence = $4, last_hash = $5, last_recorded_at = $6,
    last_effective_at = $6, next_due_at = $7, seal_number = $8, seal_hash = $9
WHERE member_id = $1 AND sequence = $2 AND seal_number = $8 - 1
"""
SEAL = """
INSERT INTO seal (member_id, number, recorded_at, sequence, rows, hash, key, mac)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
EVENT = """
INSERT INTO outbox_event (member_id, id, programme_id, topic, payload, recorded_at, part, sequence,
    partner_id, relay_failures) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)
"""
REWARD = "SELECT id, list_points, worth_minor FROM reward WHERE programme_id = $1 AND code = $2"
REDEEM = """
INSERT INTO redemption (member_id, id, programme_id, reward_id, status, points, quantity,
    worth_minor, currency, codes, actor, policy_version_id, created_at, fulfilled_at,
    stock_taken) VALUES ($1, $2, $3, $4, 'FULFILLED', $5, 1, $6, 'CNY', $7, $8, $9, $10, $10, false)
"""
COUPON = """
INSERT INTO coupon_code (id, programme_id, reward_id, code, code_key, status, member_id,
    redemption_id, imported_at, issued_at) VALUES ($1, $2, $3, $4, $4, 'ISSUED', $5, $6, $7, $7)
"""
REVEAL = """
INSERT INTO code_reveal (member_id, id, redemption_id, actor, revealed_at)
VALUES ($1, $2, $3, $4, $5)
"""
BOOKED = """
SELECT b.booked_at, b.reporter, b.points, b.cash_minor, b.snapshot, (
    SELECT jsonb_agg(jsonb_build_array(l.number, l.product, l.cash_minor) ORDER BY l.number)
    FROM booking_line l WHERE l.member_id = b.member_id AND l.booking_id = b.id) AS lines, (
    SELECT jsonb_agg(jsonb_build_array(a.rule, a.points) ORDER BY a.id)
    FROM award a WHERE a.member_id = b.member_id AND a.booking_id = b.id) AS awards,
    EXISTS (SELECT FROM refund r WHERE r.member_id = b.member_id AND r.booking_id = b.id) AS before
FROM booking b WHERE b.member_id = $1 AND b.id = $2
"""
REFUND = """
INSERT INTO refund (member_id, id, booking_id, reference, reporter, refunded_at, recorded_at,
    supplier_cancelled, points_clawed_back, points_owed, points_forgiven, points_expired,
    points_reinstated, cash_minor, content_hash, counted_out)
VALUES ($1, $2, $3, $4, $5, $6, $6, false, $7, 0, 0, 0, 0, $8, $9, true)
"""
REFUND_LINES = """
INSERT INTO refund_line (member_id, id, refund_id, booking_id, line_number, gross_minor, cash_minor,
    points) SELECT $1, l.id, $2, $3, l.number, l.minor, l.minor, 0
FROM unnest($4::uuid[], $5::int[], $6::bigint[]) AS l (id, number, minor)
"""
