"""The contract that clients are written against, in schema language."""

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
  quoteOffset(input: QuoteOffsetInput!): OffsetQuote
  previewRefund(input: PreviewRefundInput!): RefundPreview
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
input RewardFilter { kinds: [RewardKind!]  text: String  affordable: Boolean = false  tier: String }
enum RewardOrder { POINTS_ASC }
type EarningQuote { points: Points!  lines: [QuotedLine!]!  explanation: [ExplanationLine!]!  discount: Money  availableOn: String!  expiresOn: Date  errors: [Problem!]! }
type QuotedLine { line: Int!  product: String!  points: Points! }
type OffsetQuote { maxPoints: Points!  worth: Money!  step: Points!  minimum: Points!  lines: [OffsetLine!]!  explanation: [ExplanationLine!]!  errors: [Problem!]! }
type OffsetLine { line: Int!  maxWorth: Money! }
type RefundPreview { pointsClawedBack: Points!  pointsForgiven: Points!  pointsOwed: Points!  pointsReinstated: Points!  pointsExpiredOnReturn: Points!  cashRefund: Money!  standingAfter: Standing!  errors: [Problem!]! }

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
  id: ID!  reference: String!  status: BookingStatus!  bookedAt: DateTime!  total: Money!  paidInPoints: Money!  refunded: Money!
  lines: [BookingLine!]!  awards: [Award!]!  pointsAwarded: Points!  pointsPending: Points! }
enum BookingStatus { PAID PARTLY_REFUNDED REFUNDED COMPLETED }
type BookingLine { number: Int!  product: String!  amount: Money!  travelFrom: Date  travelTo: Date  completedAt: DateTime  refunded: Money!  points: Points! }
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
  id: ID!  status: RedemptionStatus!  points: Points!  quantity: Int!  worth: Money  reward: Reward  booking: Booking
  codes: [String!]!  createdAt: DateTime!  holdExpiresAt: DateTime  fulfilledAt: DateTime  tracking: String }
enum RedemptionStatus { HELD CONFIRMED SHIPPED FULFILLED RELEASED CANCELLED }

type Mutation {
  enrolMember(input: EnrolMemberInput!): EnrolMemberPayload
  updateMember(input: UpdateMemberInput!): UpdateMemberPayload
  earnForBooking(input: EarnForBookingInput!): EarnForBookingPayload
  completeBooking(input: CompleteBookingInput!): CompleteBookingPayload
  amendBooking(input: AmendBookingInput!): AmendBookingPayload
  refundBooking(input: RefundBookingInput!): RefundBookingPayload
  earnForActivity(input: EarnForActivityInput!): EarnForActivityPayload
  redeemReward(input: RedeemRewardInput!): RedeemRewardPayload
  redeemOnBooking(input: RedeemOnBookingInput!): RedeemOnBookingPayload
  confirmRedemption(input: ConfirmRedemptionInput!): ConfirmRedemptionPayload
  fulfilRedemption(input: FulfilRedemptionInput!): FulfilRedemptionPayload
  cancelRedemption(input: CancelRedemptionInput!): CancelRedemptionPayload
  useCoupon(input: UseCouponInput!): UseCouponPayload
  transferPoints(input: TransferPointsInput!): TransferPointsPayload
  adjustPoints(input: AdjustPointsInput!): AdjustPointsPayload
  publishPolicy(input: PublishPolicyInput!): PublishPolicyPayload
}
type EnrolMemberPayload { errors: [Problem!]!  replayed: Boolean!  member: Member }
type UpdateMemberPayload { errors: [Problem!]!  replayed: Boolean!  member: Member }
type EarnForBookingPayload { errors: [Problem!]!  replayed: Boolean!  booking: Booking  awards: [Award!]!  pointsAwarded: Points!  balance: Balance }
type CompleteBookingPayload { errors: [Problem!]!  replayed: Boolean!  booking: Booking  pointsMatured: Points!  balance: Balance  parked: Boolean! }
type AmendBookingPayload { errors: [Problem!]!  replayed: Boolean!  booking: Booking  pointsAwarded: Points!  pointsClawedBack: Points!  balance: Balance }
type RefundBookingPayload { errors: [Problem!]!  replayed: Boolean!  booking: Booking  pointsClawedBack: Points!  pointsOwed: Points!  pointsForgiven: Points!  pointsReinstated: Points!  cashRefund: Money  balance: Balance  parked: Boolean! }
type EarnForActivityPayload { errors: [Problem!]!  replayed: Boolean!  awards: [Award!]!  pointsAwarded: Points!  explanation: [ExplanationLine!]!  balance: Balance }
type RedeemRewardPayload { errors: [Problem!]!  replayed: Boolean!  redemption: Redemption  balance: Balance }
type RedeemOnBookingPayload { errors: [Problem!]!  replayed: Boolean!  redemption: Redemption  balance: Balance }
type ConfirmRedemptionPayload { errors: [Problem!]!  replayed: Boolean!  redemption: Redemption }
type FulfilRedemptionPayload { errors: [Problem!]!  replayed: Boolean!  redemption: Redemption }
type CancelRedemptionPayload { errors: [Problem!]!  replayed: Boolean!  redemption: Redemption  pointsReinstated: Points!  balance: Balance }
type UseCouponPayload { errors: [Problem!]!  replayed: Boolean!  redemption: Redemption }
type TransferPointsPayload { errors: [Problem!]!  replayed: Boolean! }
type AdjustPointsPayload { errors: [Problem!]!  replayed: Boolean! }
type PublishPolicyPayload { errors: [Problem!]!  replayed: Boolean!  version: Int }

input MemberBy @oneOf { id: ID  reference: String  email: String  phone: String  referralCode: String }
input BookingLineInput { product: String!  amount: Decimal!  travelFrom: Date  travelTo: Date  attributes: JSON }
input EnrolMemberInput { idempotencyKey: String!  reference: String  name: String  email: String  phone: String  birthday: Date  locale: Locale  referralCode: String  profile: JSON  guest: Boolean = false }
input UpdateMemberInput { idempotencyKey: String!  member: MemberBy  name: String  email: String  phone: String  birthday: Date  locale: Locale  profile: JSON }
input QuoteEarningInput { member: MemberBy  lines: [BookingLineInput!]!  bookedAt: DateTime  paymentMethod: String  offsetPoints: Points }
input QuoteOffsetInput { member: MemberBy  lines: [BookingLineInput!]!  bookedAt: DateTime }
input EarnForBookingInput { idempotencyKey: String!  member: MemberBy!  reference: String!  bookedAt: DateTime  currency: CurrencyCode  paymentMethod: String  lines: [BookingLineInput!]!  redemptionId: ID  quoteId: ID }
input CompleteBookingInput { idempotencyKey: String!  booking: String!  lines: [Int!]  completedAt: DateTime }
input AmendBookingInput { idempotencyKey: String!  booking: String!  reference: String!  lines: [BookingLineInput!]! }
input RefundBookingInput { idempotencyKey: String!  booking: String!  reference: String!  lines: [RefundLineInput!]  refundedAt: DateTime  supplierCancelled: Boolean = false }
input RefundLineInput { line: Int!  amount: Decimal! }
input PreviewRefundInput { booking: String!  lines: [RefundLineInput!]  supplierCancelled: Boolean = false }
input EarnForActivityInput { idempotencyKey: String!  member: MemberBy  type: String!  reference: String!  occurredAt: DateTime  attributes: JSON }
input RedeemRewardInput { idempotencyKey: String!  member: MemberBy  reward: String!  quantity: Int = 1  points: Points  hold: Boolean = false }
input RedeemOnBookingInput { idempotencyKey: String!  member: MemberBy  points: Points!  lines: [BookingLineInput!]!  bookedAt: DateTime }
input ConfirmRedemptionInput { idempotencyKey: String!  redemption: ID! }
input FulfilRedemptionInput { idempotencyKey: String!  redemption: ID!  tracking: String }
input CancelRedemptionInput { idempotencyKey: String!  redemption: ID!  reason: String }
input UseCouponInput { idempotencyKey: String!  code: String! }
input TransferPointsInput { idempotencyKey: String!  from: MemberBy  to: MemberBy!  points: Points!  note: String }
input AdjustPointsInput { idempotencyKey: String!  member: MemberBy!  points: Points!  reason: String!  expiresOn: Date }
input PublishPolicyInput { idempotencyKey: String!  document: String  effectiveFrom: DateTime  note: String }

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
