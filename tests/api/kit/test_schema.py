"""The schema as a promise: every fixed name is there, every element is described, nothing breaks.

CONTRACT repeats the names that clients are written against, for the operations that exist. Its
types may become stricter in answers and looser in what is sent, never the other way.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    Undefined,
    build_schema,
    find_breaking_changes,
    is_introspection_type,
    is_non_null_type,
    is_specified_directive,
    is_specified_scalar_type,
    parse,
    validate,
)

from api.edge.limits import Limits
from api.schema import build_schema as build_our_schema
from tests.support.callers import BATCHES, input_type

SCHEMA_FILE = Path(__file__).resolve().parents[3] / "schema.graphql"
DEPRECATION = re.compile(r".+\. Removal on \d{4}-\d{2}-\d{2}\.")

CONTRACT = """
interface Node { id: ID! }
type Money { amount: Decimal!  currency: CurrencyCode! }
interface Problem { code: ProblemCode!  message: String!  path: [String!] }
type ExplanationLine { code: String!  text(locale: Locale): String!  points: Points }
type PageInfo { hasNextPage: Boolean!  hasPreviousPage: Boolean!  startCursor: String  endCursor: String }

type Query {
  viewer: Viewer
  programme: Programme!
  me: Member
  member(by: MemberBy!): Member
  members(first: Int = 20, after: String, filter: MemberFilter): MemberConnection!
  booking(reference: String!): Booking
  redemption(id: ID!): Redemption
  tiers: [Tier!]!
  rewards(first: Int = 20, after: String, for: MemberBy, filter: RewardFilter, orderBy: RewardOrder = POINTS_ASC): RewardConnection!
  reward(code: String!, for: MemberBy): Reward
  quoteEarning(input: QuoteEarningInput!): EarningQuote
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
}
type Viewer { kind: CallerKind!  member: Member  partner: Partner  scopes: [Scope!]!  programme: Programme! }
enum CallerKind { MEMBER PARTNER STAFF PUBLIC }
type Partner { code: String! }
enum Scope { MEMBERS EARN REDEEM FULFIL READ }
type Programme { code: String!  name(locale: Locale): String!  currency: CurrencyCode!  timezone: String!  pointWorth: PointWorth!  tiers: [Tier!]! }
type PointWorth { points: Points!  money: Money! }
input MemberFilter { text: String  tier: String  status: MemberStatus  joinedFrom: DateTime  joinedUntil: DateTime }
input RewardFilter { kinds: [RewardKind!]  text: String  affordable: Boolean  tier: String }
enum RewardOrder { POINTS_ASC }
type EarningQuote { points: Points!  lines: [QuotedLine!]!  explanation: [ExplanationLine!]!  discount: Money  availableOn: String!  expiresOn: Date  errors: [Problem!]! }
type QuotedLine { line: Int!  product: String!  points: Points! }

type Member implements Node {
  id: ID!  reference: String!  name: String  email: String  phone: String  birthday: Date  locale: Locale!  profile: JSON!
  joinedAt: DateTime!  status: MemberStatus!  referralCode: String!
  standing: Standing!
  balance(asOf: DateTime): Balance!
  expirySchedule: [ExpiringPoints!]!
  ledger(first: Int = 20, after: String, kinds: [EntryKind!], from: DateTime, until: DateTime): LedgerConnection!
  statement(period: StatementPeriod!): Statement
  bookings(first: Int = 20, after: String): BookingConnection!
  redemptions(first: Int = 20, after: String, status: [RedemptionStatus!]): RedemptionConnection!
}
enum MemberStatus { ENROLLED GUEST SUSPENDED UNDER_REVIEW ERASED CLOSED MERGED }
type MemberConnection { edges: [MemberEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
type MemberEdge { node: Member!  cursor: String! }
type ExpiringPoints { points: Points!  on: Date! }
type Balance { available: Points!  pending: Points!  held: Points!  owed: Points!  worth: Money!  nextExpiry: ExpiringPoints }
type Standing { tier: Tier!  since: DateTime!  until: DateTime  progress: TierProgress! }
type TierProgress { basis: TierBasis!  current: Decimal!  required: Decimal  next: Tier  text(locale: Locale): String! }
enum TierBasis { SPEND BOOKINGS COMPLETED_BOOKINGS NIGHTS POINTS }
type Tier { code: String!  name(locale: Locale): String!  rank: Int!  threshold: Decimal!  multiplier: Decimal!  discountPercent: Decimal!  benefits: [Benefit!]! }
type Benefit { text(locale: Locale): String! }
type LedgerConnection { edges: [LedgerEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
type LedgerEdge { node: LedgerEntry!  cursor: String! }
type LedgerEntry implements Node {
  id: ID!  sequence: Int!  kind: EntryKind!  from: Bucket!  to: Bucket!
  points: Points!  availableChange: Points!  pendingChange: Points!  availableAfter: Points!
  description(locale: Locale): String!  effectiveAt: DateTime!  recordedAt: DateTime!  expiresOn: Date  reason: String
  booking: Booking  redemption: Redemption  explanation: [ExplanationLine!]! }
enum EntryKind { EARN REDEEM REINSTATE EXPIRE }
enum Bucket { PENDING AVAILABLE HELD OWED ISSUED REDEEMED EXPIRED CLAWED_BACK ADJUSTED TRANSFERRED }
input StatementPeriod { from: Date!  through: Date! }
type Statement { from: Date!  through: Date!  asOf: DateTime!  buckets: [StatementBucket!]!  entries(first: Int = 20, after: String): LedgerConnection!  html(locale: Locale): String }
type StatementBucket { bucket: Bucket!  opening: Points!  movements: [StatementMovement!]!  closing: Points! }
type StatementMovement { kind: EntryKind!  points: Points!  entries: Int! }
type BookingConnection { edges: [BookingEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
type BookingEdge { node: Booking!  cursor: String! }
type Booking implements Node {
  id: ID!  reference: String!  status: BookingStatus!  bookedAt: DateTime!  total: Money!
  lines: [BookingLine!]!  awards: [Award!]!  pointsAwarded: Points! }
enum BookingStatus { PAID }
type BookingLine { number: Int!  product: String!  amount: Money!  travelFrom: Date  travelTo: Date  points: Points! }
type Award { rule: String!  points: Points!  text(locale: Locale): String! }
type RewardConnection { edges: [RewardEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
type RewardEdge { node: Reward!  cursor: String! }
type Reward implements Node {
  id: ID!  code: String!  name(locale: Locale): String!  description(locale: Locale): String  kind: RewardKind!
  listPoints: Points!  points: Points!  openValue: Boolean!  worth: Money  imageUrl: String
  remaining: Int  validUntil: DateTime  minimumTier: Tier  perMemberLimit: Int  affordable: Boolean }
enum RewardKind { COUPON SERVICE PRODUCT PARTNER }
type RedemptionConnection { edges: [RedemptionEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
type RedemptionEdge { node: Redemption!  cursor: String! }
type Redemption implements Node {
  id: ID!  status: RedemptionStatus!  points: Points!  quantity: Int!  worth: Money  reward: Reward
  codes: [String!]!  createdAt: DateTime!  fulfilledAt: DateTime }
enum RedemptionStatus { CONFIRMED FULFILLED CANCELLED }

type Mutation {
  enrolMember(input: EnrolMemberInput!): EnrolMemberPayload
  updateMember(input: UpdateMemberInput!): UpdateMemberPayload
  earnForBooking(input: EarnForBookingInput!): EarnForBookingPayload
  earnForActivity(input: EarnForActivityInput!): EarnForActivityPayload
  redeemReward(input: RedeemRewardInput!): RedeemRewardPayload
  cancelRedemption(input: CancelRedemptionInput!): CancelRedemptionPayload
  publishPolicy(input: PublishPolicyInput!): PublishPolicyPayload
}
type EnrolMemberPayload { errors: [Problem!]!  replayed: Boolean!  member: Member }
type UpdateMemberPayload { errors: [Problem!]!  replayed: Boolean!  member: Member }
type EarnForBookingPayload { errors: [Problem!]!  replayed: Boolean!  booking: Booking  awards: [Award!]!  pointsAwarded: Points!  balance: Balance }
type EarnForActivityPayload { errors: [Problem!]!  replayed: Boolean!  awards: [Award!]!  pointsAwarded: Points!  explanation: [ExplanationLine!]!  balance: Balance }
type RedeemRewardPayload { errors: [Problem!]!  replayed: Boolean!  redemption: Redemption  balance: Balance }
type CancelRedemptionPayload { errors: [Problem!]!  replayed: Boolean!  redemption: Redemption  pointsReinstated: Points!  balance: Balance }
type PublishPolicyPayload { errors: [Problem!]!  replayed: Boolean!  version: Int }

input MemberBy @oneOf { id: ID  reference: String  email: String  phone: String  referralCode: String }
input BookingLineInput { product: String!  amount: Decimal!  travelFrom: Date  travelTo: Date  attributes: JSON }
input EnrolMemberInput { idempotencyKey: String!  reference: String  name: String  email: String  phone: String  birthday: Date  locale: Locale  referralCode: String  profile: JSON  guest: Boolean = false }
input UpdateMemberInput { idempotencyKey: String!  member: MemberBy  name: String  email: String  phone: String  birthday: Date  locale: Locale  profile: JSON }
input QuoteEarningInput { member: MemberBy  lines: [BookingLineInput!]!  bookedAt: DateTime  paymentMethod: String  offsetPoints: Points }
input EarnForBookingInput { idempotencyKey: String!  member: MemberBy!  reference: String!  bookedAt: DateTime  currency: CurrencyCode  paymentMethod: String  lines: [BookingLineInput!]!  redemptionId: ID  quoteId: ID }
input EarnForActivityInput { idempotencyKey: String!  member: MemberBy  type: String!  reference: String!  occurredAt: DateTime  attributes: JSON }
input RedeemRewardInput { idempotencyKey: String!  member: MemberBy  reward: String!  quantity: Int = 1  points: Points }
input CancelRedemptionInput { idempotencyKey: String!  redemption: ID!  reason: String }
input PublishPolicyInput { idempotencyKey: String!  document: String!  effectiveFrom: DateTime  note: String }

enum ProblemCode {
  NOT_FOUND INVALID_INPUT REFERENCE_CONFLICT IDEMPOTENCY_KEY_REUSED CONCURRENT_REQUEST EVENT_TOO_OLD EVENT_IN_FUTURE
  CURRENCY_NOT_SUPPORTED REFERENCE_TAKEN EMAIL_TAKEN PHONE_TAKEN REFERRAL_INVALID MEMBER_SUSPENDED MEMBER_NOT_ENROLLED
  REPORTER_NOT_ALLOWED INSUFFICIENT_POINTS ACCOUNT_IN_ARREARS BELOW_MINIMUM NOT_A_STEP SHARE_EXCEEDED TIER_REQUIRED
  LIMIT_REACHED OUT_OF_STOCK CODE_POOL_EXHAUSTED REWARD_INACTIVE HOLD_EXPIRED QUOTE_EXPIRED QUOTE_MISMATCH
  REDEMPTION_STATE CODE_REVEALED REFUND_EXCEEDS_BOOKING POLICY_INVALID
}
type InsufficientPoints implements Problem { code: ProblemCode!  message: String!  path: [String!]  available: Points!  required: Points! }
type OutOfStock implements Problem { code: ProblemCode!  message: String!  path: [String!] }
type LimitReached implements Problem { code: ProblemCode!  message: String!  path: [String!]  limit: Int!  resetsAt: DateTime }

scalar DateTime
scalar Date
scalar Decimal
scalar Points
scalar Locale
scalar CurrencyCode
scalar JSON
"""  # noqa: E501 - laid out as the design is, line by line


@pytest.fixture(scope="module")
def printed() -> str:
    return f"{build_our_schema(Limits(), production=False)}\n"


@pytest.fixture(scope="module")
def schema(printed: str) -> GraphQLSchema:
    return build_schema(printed)


def own_types(schema: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    for found in schema.type_map.values():
        if not is_introspection_type(found) and not is_specified_scalar_type(found):
            yield found


def members_of(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLArgument | GraphQLInputField]]:
    """Everything that is sent: arguments and input fields, by their whole name."""
    for found in own_types(schema):
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in found.fields.items():
                for argument, definition in field.args.items():
                    yield f"{found.name}.{name}({argument})", definition
        elif isinstance(found, GraphQLInputObjectType):
            for name, sent in found.fields.items():
                yield f"{found.name}.{name}", sent


def test_the_file_is_the_schema(printed: str) -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == printed, "run make schema"


def test_nothing_that_was_published_breaks(schema: GraphQLSchema) -> None:
    published = build_schema(SCHEMA_FILE.read_text(encoding="utf-8"))

    assert [change.description for change in find_breaking_changes(published, schema)] == []


def test_no_fixed_name_is_lost(schema: GraphQLSchema) -> None:
    """What the contract says of an input may be sent, what it says of an answer comes."""
    contract = build_schema(CONTRACT, assume_valid_sdl=True)

    broken = find_breaking_changes(contract, schema)

    assert [change.description for change in broken] == []


def test_defaults_are_the_contracts(schema: GraphQLSchema) -> None:
    promised = dict(members_of(build_schema(CONTRACT, assume_valid_sdl=True)))
    kept = dict(members_of(schema))

    for name, definition in promised.items():
        if definition.default_value is not Undefined:
            assert kept[name].default_value == definition.default_value, name


def test_everything_is_described(schema: GraphQLSchema) -> None:
    missing = [f"{found.name}" for found in own_types(schema) if not found.description]
    for found in own_types(schema):
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            missing += [
                f"{found.name}.{name}"
                for name, field in found.fields.items()
                if not field.description
            ]
        elif isinstance(found, GraphQLEnumType):
            missing += [
                f"{found.name}.{name}"
                for name, value in found.values.items()
                if not value.description
            ]
    missing += [name for name, sent in members_of(schema) if not sent.description]
    missing += [
        f"@{directive.name}"
        for directive in schema.directives
        if not is_specified_directive(directive) and not directive.description
    ]

    assert [name for name in missing if name not in WITHOUT_WORDS] == []


WITHOUT_WORDS = frozenset({"@oneOf"})
"""A directive of GraphQL's own, printed because its tools are younger than it."""


def test_descriptions_are_sentences(schema: GraphQLSchema) -> None:
    told = {found.name: found.description or "" for found in own_types(schema)}
    for found in own_types(schema):
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            told |= {f"{found.name}.{n}": f.description or "" for n, f in found.fields.items()}
        elif isinstance(found, GraphQLEnumType):
            told |= {f"{found.name}.{n}": v.description or "" for n, v in found.values.items()}
    told |= {name: sent.description or "" for name, sent in members_of(schema)}

    odd = {
        name: text
        for name, text in told.items()
        if not (text[0].isupper() or text[0] in "0123456789…@`" or text.startswith("zh-CN"))
        or text[-1] not in ".?…"
        or text.split()[0].rstrip(".;,") in RIDDLES
    }

    assert odd == {}


RIDDLES = frozenset(["How", "That", "What", "When", "Where", "Which", "Who", "Whose", "Why"])
"""A description that begins with one of these describes its noun instead of naming it."""


def test_every_mutation_has_the_same_shape(schema: GraphQLSchema) -> None:
    assert schema.mutation_type is not None
    for name, field in schema.mutation_type.fields.items():
        capital = name[0].upper() + name[1:]
        assert list(field.args) == ["input"]
        assert str(field.args["input"].type) == f"{capital}Input!"
        assert str(field.type) == f"{capital}Payload", "nullable: what is committed must be told"
        sent = schema.type_map[f"{capital}Input"]
        payload = schema.type_map[f"{capital}Payload"]
        assert isinstance(sent, GraphQLInputObjectType)
        assert isinstance(payload, GraphQLObjectType)
        if name in BATCHES:
            several, of_one = BATCHES[name]
            assert str(sent.fields[several].type) == f"[{of_one}!]!"
            answer = f"[{of_one.removesuffix('Input')}Payload]!"
            assert str(payload.fields["results"].type) == answer, "nullable, as it is alone"
        else:
            assert str(sent.fields["idempotencyKey"].type) == "String!"
        assert str(payload.fields["errors"].type) == "[Problem!]!"
        assert str(payload.fields["replayed"].type) == "Boolean!"
        for entity, told in payload.fields.items():
            if told.type.__class__.__name__ == "GraphQLNonNull":
                assert entity not in {"member", "booking", "redemption", "balance"}, name


def test_only_mutations_take_a_request_key(schema: GraphQLSchema) -> None:
    with_key = {name.partition(".")[0] for name, _ in members_of(schema) if "idempotency" in name}
    assert schema.mutation_type is not None
    assert with_key == {input_type(name) for name in schema.mutation_type.fields}


def test_there_is_no_float(printed: str, schema: GraphQLSchema) -> None:
    assert "Float" not in schema.type_map
    assert not re.search(r"\bFloat\b", printed)


def test_enum_values_shout(schema: GraphQLSchema) -> None:
    for found in own_types(schema):
        if isinstance(found, GraphQLEnumType):
            assert all(re.fullmatch(r"[A-Z][A-Z_]*", name) for name in found.values), found.name


def test_what_is_deprecated_says_until_when(schema: GraphQLSchema) -> None:
    reasons = [sent.deprecation_reason for _, sent in members_of(schema)]
    for found in own_types(schema):
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            reasons += [field.deprecation_reason for field in found.fields.values()]
        elif isinstance(found, GraphQLEnumType):
            reasons += [value.deprecation_reason for value in found.values.values()]

    assert all(DEPRECATION.fullmatch(reason) for reason in reasons if reason)


def test_lists_are_connections(schema: GraphQLSchema) -> None:
    for found in own_types(schema):
        if isinstance(found, GraphQLObjectType) and found.name.endswith("Connection"):
            assert {name: str(field.type) for name, field in found.fields.items()} == {
                "edges": f"[{found.name.removesuffix('Connection')}Edge!]!",
                "pageInfo": "PageInfo!",
                "totalCount": "Int!",
            }
        if isinstance(found, GraphQLObjectType):
            for name, field in found.fields.items():
                if str(field.type).endswith("Connection!"):
                    assert {"first", "after"} <= field.args.keys(), (found.name, name)
                    assert not {"last", "before", "offset"} & field.args.keys()


def test_all_facts_of_all_problems_fit_into_one_operation(schema: GraphQLSchema) -> None:
    """Two problems may not give one name to facts of two types: no client could ask for both."""
    problem = schema.type_map["Problem"]
    assert isinstance(problem, GraphQLInterfaceType)
    kinds = schema.get_possible_types(problem)
    facts = " ".join(f"... on {kind.name} {{ {_leaves(kind)} }}" for kind in kinds if _leaves(kind))
    document = parse(
        """mutation($input: RedeemRewardInput!) { redeemReward(input: $input) {
            errors { __typename code message path FACTS } } }""".replace("FACTS", facts)
    )

    assert len(kinds) >= 20
    assert validate(schema, document, [OverlappingFieldsCanBeMergedRule]) == []


def _leaves(kind: GraphQLObjectType) -> str:
    own = set(kind.fields) - {"code", "message", "path"}
    return " ".join(
        f"{name} {{ path message }}" if name == "faults" else name for name in sorted(own)
    )


FOR_OTHERS = {"Event", "EventDelivery", "EventMember", "PartnerKey"}
"""What is told to other systems, or how that went, and is no object by itself, or goes by a text of
its own.
"""


def test_ids_are_never_null(schema: GraphQLSchema) -> None:
    for found in own_types(schema):
        if isinstance(found, GraphQLObjectType) and "id" in found.fields:
            assert is_non_null_type(found.fields["id"].type)
            named = [] if found.name in FOR_OTHERS else ["Node"]
            assert [one.name for one in found.interfaces] == named
