//! Identifiers: UUIDs of version 7, each of its own type, so that one identifier cannot be passed for another.

use serde::Deserialize as _;
use serde::de::Error as _;

/// Reads a UUID in its one spelling: 36 characters, in groups of 8, 4, 4, 4 and 12 digits (RFC 9562 §4). Capitals are taken,
/// as that standard asks. No braces, no `urn:uuid:`, and not 32 digits in a row: whatever compares addresses or contents
/// would take these for another thing.
pub fn parse_uuid(text: &str) -> Option<uuid::Uuid> {
    // Of all the spellings that the library reads, the hyphenated one alone has this length.
    text.parse().ok().filter(|_| text.len() == 36)
}

/// Deserializes a UUID in its one spelling, for `#[serde(deserialize_with = "ids::uuid")]`.
pub fn uuid<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<uuid::Uuid, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    parse_uuid(&text).ok_or_else(|| D::Error::custom("must be a UUID of 32 digits in groups of 8, 4, 4, 4 and 12"))
}

/// Defines an identifier: a UUID in JSON, in SQL and in the OpenAPI document.
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, utoipa::ToSchema,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[serde(transparent)]
        #[schema(value_type = uuid::Uuid, example = "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d")]
        #[diesel(sql_type = diesel::sql_types::Uuid)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Returns the identifier as a bare UUID.
            pub const fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                uuid(deserializer).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::Uuid, diesel::pg::Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
                <uuid::Uuid as diesel::serialize::ToSql<diesel::sql_types::Uuid, diesel::pg::Pg>>::to_sql(&self.0, out)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Uuid, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                <uuid::Uuid as diesel::deserialize::FromSql<diesel::sql_types::Uuid, diesel::pg::Pg>>::from_sql(bytes).map(Self)
            }
        }
    )+};
}

id! {
    /// A practice, which is a tenant.
    PracticeId,
    /// A council with adult social services responsibilities.
    CouncilId,
    /// A contract between one council and one practice.
    ContractId,
    /// A delegation of one function under a contract (Care Act 2014 s79).
    DelegationId,
    /// A council's system or a partner app: an OAuth 2.0 client.
    ClientId,
    /// A person's account, with which they sign in.
    AccountId,
    /// A subject at a practice's provider that is linked to an account.
    IdentityId,
    /// One person's membership in one practice.
    StaffId,
    /// Identifies an officer of a council.
    OfficerId,
    /// A guest of a council, whom its complaints officers let in to complaints by name.
    GuestId,
    /// A link that can be used once: an invitation to join, or to reset a lost password and second factor.
    InvitationId,
    /// A sign-in that has not ended.
    SessionId,
    /// A council's request, as the council knows it.
    CouncilRequestId,
    /// One routing of a council's request to a practice, as the practice knows it.
    ReferralId,
    /// A person whom a practice serves.
    ServiceUserId,
    /// An entry in the history of a person's details.
    FactId,
    /// A warning note about a danger to whoever visits a person.
    WarningNoteId,
    /// What one person is to another.
    RelationshipId,
    /// A team of a practice, which works with some of the people whom it serves.
    TeamId,
    /// One piece of work with one service user.
    CaseId,
    /// A worker's time on a case.
    AllocationId,
    /// A note on a case.
    NoteId,
    /// One version of a document.
    DocumentId,
    /// The content of a document, where it is stored.
    ObjectId,
    /// A content that arrives in pieces, until a document takes it.
    UploadId,
    /// A request that a second person decides on an adverse action.
    CountersignatureId,
    /// An action that took effect at once, as its council may confirm it.
    ConfirmationId,
    /// A complaint.
    ComplaintId,
    /// A complaint that is offered, unopened, to one officer.
    OfferId,
    /// The assignment of a complaint to an officer or a guest, by name.
    AssignmentId,
    /// A message between a complainant and those who work on the complaint.
    MessageId,
    /// A time for which the identity of a confidential complainant is open to somebody.
    UnsealingId,
    /// A time for which a record at a practice is open for looking into a complaint.
    RecordOpeningId,
    /// An interest that an officer has declared.
    InterestId,
    /// A safeguarding concern that came with a complaint, as the council's duty sees it.
    SafeguardingAlertId,
    /// An instruction of a council to a practice.
    InstructionId,
    /// A request of a practice to erase a document, which a council decides.
    ErasureRequestId,
    /// What a council released to a practice of what was learnt from complaints.
    LearningId,
    /// A proposal to link a complaint with another.
    LinkProposalId,
    /// A check of the representative who complains for a person.
    RepresentativeCheckId,
    /// A head of a complaint.
    HeadId,
    /// A head that is shown to a subject who is heard.
    HearingId,
    /// An answer of somebody to whom a part of a complaint is shown.
    AnswerId,
    /// A response to a complaint, drafted or signed.
    ResponseId,
    /// Something that a council will do because of a complaint.
    ActionId,
    /// A request that takes away from a complaint or turns it.
    RequestId,
    /// A decision of an officer on a complaint, which somebody else reviews.
    DecisionId,
    /// A period for the response to a complaint, as it came about.
    PeriodId,
    /// An entry of what is recorded of the Ombudsman.
    OmbudsmanEntryId,
    /// An event: a row of the audit log, the outbox or a timeline.
    EventId,
    /// A break-glass access: a restricted record opened in an emergency.
    BreakGlassId,
    /// A notice to a member of staff.
    NoticeId,
    /// A reorganisation of local government.
    ReorganisationId,
    /// A bank holiday of England and Wales.
    BankHolidayId,
    /// The key under which one person's, referral's or complaint's text is sealed.
    KeyId,
}
