//! What is known of those who may be let in to a complaint, gathered in one statement (`sql/functions/known_of_complaint.sql`).
//!
//! A fact is known of an account, not of a place at the council: whoever left and came back, or comes in another capacity, is the same
//! person.

use std::collections::HashSet;

use almoner_domain::complaints::naming::Texts;
use almoner_domain::ids::{
    AccountId, CouncilId, CouncilRequestId, DocumentId, KeyId, MessageId, PracticeId, RequestId, ServiceUserId, StaffId,
};
use almoner_domain::referrals::message::ReferralMessage;
use almoner_domain::staff::meant::{may_mean, same_name};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

use super::{Sealed, documents, requests};
use crate::ground::error::StoreError;
use crate::ground::scope::Scope;
use crate::ground::sealing::SealedField;
use crate::referrals::council_requests::message_field;

/// What a row is, its identifier, an account, a practice, a key, something sealed, a name, and whether a member owns a share.
type Columns = sql_types::Record<(
    sql_types::Text,
    sql_types::Nullable<sql_types::Uuid>,
    sql_types::Nullable<sql_types::Uuid>,
    sql_types::Nullable<sql_types::Uuid>,
    sql_types::Nullable<sql_types::Uuid>,
    sql_types::Nullable<sql_types::Bytea>,
    sql_types::Nullable<sql_types::Text>,
    sql_types::Nullable<sql_types::Bool>,
)>;

type Row = (
    String,
    Option<Uuid>,
    Option<AccountId>,
    Option<PracticeId>,
    Option<KeyId>,
    Option<Vec<u8>>,
    Option<String>,
    Option<bool>,
);

diesel::define_sql_function! {
    /// Gathers everything that is compared before somebody is let in to a complaint.
    #[sql_name = "app.known_of_complaint"]
    fn known_of_complaint(
        council: sql_types::Uuid,
        complaint: sql_types::Uuid,
        practice: sql_types::Nullable<sql_types::Uuid>,
        person: sql_types::Nullable<sql_types::Uuid>,
        nhs_number: sql_types::Nullable<sql_types::Bytea>,
        since: sql_types::Timestamptz,
    ) -> Columns;
}

/// Whom a complaint is about, as far as that is known.
pub(super) struct About {
    pub(super) practice: Option<PracticeId>,
    /// The person's record at that practice.
    pub(super) person: Option<ServiceUserId>,
    /// The hash of the person's NHS number, where the complaint says it.
    pub(super) nhs_number_token: Option<Vec<u8>>,
    /// From when on it matters what somebody did.
    pub(super) since: DateTime<Utc>,
}

/// A member of staff: their account, their name, and whether they own a share of the practice, or owned one since.
pub(super) type Member = (StaffId, Option<AccountId>, String, bool);

/// The account of somebody, and their name at the council.
type Somebody = (Option<AccountId>, String);

/// An interest that somebody has declared: in a practice, or in a name.
struct Declared {
    account: AccountId,
    practice: Option<PracticeId>,
    name: Option<String>,
}

/// What is known of accounts, for one complaint.
#[derive(Default)]
pub(super) struct Known {
    /// What the complainant wrote, asked for, and called the documents that they sent: also what is closed to the caller. The names are sought
    /// there once.
    pub(super) written: Vec<String>,
    /// What the council asked for the person.
    pub(super) requests: Vec<CouncilRequestId>,
    /// The officers who did something in the council's log with a request or a referral of the person's, an instruction about them, or the
    /// erasing of a document of theirs.
    acted: Vec<Somebody>,
    /// The names of who referred, and of who instructed an enquiry, in what the council's systems sent.
    signed: Vec<String>,
    /// Those from whom the complaint was taken, or who said that they know somebody concerned.
    out: Vec<Somebody>,
    interests: Vec<Declared>,
    /// Those who work or worked at the practice.
    members: Vec<Member>,
}

impl Known {
    /// The accounts of those who have declared an interest in the practice, or in a name that stands in the texts.
    pub(super) fn interested(&self, practice: Option<PracticeId>, texts: &Texts) -> HashSet<AccountId> {
        let is_concerned = |declared: &&Declared| match &declared.name {
            Some(name) => texts.names(name),
            None => practice.is_some() && declared.practice == practice,
        };
        self.interests.iter().filter(is_concerned).map(|declared| declared.account).collect()
    }

    /// Those who work or worked at the practice.
    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Whether somebody works or worked at the practice with this account. A name alone is not enough: a practice invites whom it likes,
    /// under whichever name, and would choose by that which officer is asked.
    pub(super) fn works_with(&self, account: AccountId) -> bool {
        self.members.iter().any(|member| member.1 == Some(account))
    }

    /// Whether this account, or somebody of this name, decided, referred or signed for the person.
    pub(super) fn has_decided(&self, name: &str, account: Option<AccountId>) -> bool {
        is_among(&self.acted, name, account) || self.signed.iter().any(|signed| may_mean(signed, name))
    }

    /// Whether the complaint was taken from this account or somebody of this name, or they said that they know somebody concerned.
    pub(super) fn is_out(&self, name: &str, account: Option<AccountId>) -> bool {
        is_among(&self.out, name, account)
    }
}

/// The members of staff who come with this account, and whoever has this name: an account can be made with any address, and somebody can be
/// invited a second time.
pub(super) fn who_may_be<'m>(members: &'m [Member], name: &str, account: Option<AccountId>) -> Vec<&'m Member> {
    let may_be = |member: &&Member| (account.is_some() && member.1 == account) || same_name(&member.2, name);
    members.iter().filter(may_be).collect()
}

/// Whether somebody with this account, or of this name, is among these. The council's own people and guests have the names under which the
/// council let them in, so no practice can put a name there.
fn is_among(these: &[Somebody], name: &str, account: Option<AccountId>) -> bool {
    these.iter().any(|(known, called)| (account.is_some() && *known == account) || same_name(called, name))
}

/// Gathers what is known for a complaint. The caller has already opened the complaint's key and the council's.
pub(super) fn gather(scope: &mut Scope<'_>, sealed: Sealed, about: About) -> Result<Known, StoreError> {
    let council = sealed.council;
    let About { practice, person, nhs_number_token, since } = about;
    let rows: Vec<Row> = scope.as_identity(|scope| {
        let known = known_of_complaint(council, sealed.id, practice, person, nhs_number_token, since);
        Ok(diesel::select(known).load(scope.conn)?)
    })?;
    let (key, root) = (scope.key(council.uuid(), sealed.key_id)?, scope.root_key(council.uuid())?);
    let mut known = Known::default();
    for row in rows {
        let (what, id, account, at_practice, key_id, content, name, is_owner) = row;
        match (what.as_str(), id, account, content) {
            ("message", Some(id), _, Some(text)) => {
                known.written.push(key.open(sealed.message(MessageId::from(id)), &text)?);
            }
            ("request", Some(id), _, Some(asked)) => {
                known.written.push(requests::words_of(&key, sealed, RequestId::from(id), &asked)?);
            }
            ("document", Some(id), _, Some(details)) => {
                known.written.push(documents::words_of(&key, sealed, DocumentId::from(id), &details)?);
            }
            ("asked", Some(id), _, Some(message)) => {
                let id = CouncilRequestId::from(id);
                let own = key_id.ok_or_else(|| StoreError::unreadable("a request of a council without a key"))?;
                let message: ReferralMessage =
                    scope.key(council.uuid(), own)?.open(message_field(council, id), &message)?;
                known.requests.push(id);
                known.signed.push(message.referrer.name.into());
                known.signed.extend(message.instruction.map(|instruction| instruction.officer.name.into()));
            }
            ("acted", _, account, _) => known.acted.push((account, name.unwrap_or_default())),
            ("out", _, account, _) => known.out.push((account, name.unwrap_or_default())),
            ("interest", Some(id), Some(account), name) => {
                let open = |name: Vec<u8>| root.open(interest_field(council, id), &name);
                let name: Option<String> = name.map(open).transpose()?;
                known.interests.push(Declared { account, practice: at_practice, name });
            }
            // Whoever declared an interest and comes with no account any more, opens nothing.
            ("interest", ..) => {}
            ("member", Some(id), account, _) => {
                known.members.push((id.into(), account, name.unwrap_or_default(), is_owner.unwrap_or_default()));
            }
            _ => return Err(StoreError::unreadable("something known of a complaint that nobody knows")),
        }
    }
    Ok(known)
}

/// The field in which the name of an interest is sealed.
pub(super) fn interest_field(council: CouncilId, id: Uuid) -> SealedField {
    SealedField { owner: council.uuid(), table: "complaint_interests", column: "name", row: id }
}
