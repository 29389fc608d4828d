//! What is printed of data at scale: the credentials and some of the people, for a load driver or for trying it out.

use almoner_persistence::cases::bulk::PastCase;
use almoner_persistence::people::bulk::PastPerson;
use serde::Serialize;
use uuid::Uuid;

use super::organisations::PracticeEntered;

/// The whole output, as JSON.
#[derive(Serialize)]
pub(crate) struct Printed {
    /// The password of everybody's account.
    pub(crate) password: &'static str,
    /// The secret of everybody's authenticator, in base32.
    pub(crate) totp_secret: &'static str,
    /// The councils' referral systems.
    pub(crate) councils: Vec<PrintedClient>,
    /// The partner app.
    pub(crate) partner: PrintedClient,
    /// The practices.
    pub(crate) practices: Vec<PrintedPractice>,
}

/// A system's credentials.
#[derive(Serialize)]
pub(crate) struct PrintedClient {
    /// The GSS code of the council; empty for the partner app.
    pub(crate) council: &'static str,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

/// A practice, with some of its people.
#[derive(Serialize)]
pub(crate) struct PrintedPractice {
    pub(crate) id: Uuid,
    pub(crate) slug: String,
    /// The GSS code of its council.
    pub(crate) council: &'static str,
    /// The e-mail address of the manager.
    pub(crate) manager: String,
    /// The e-mail address of the records officer.
    pub(crate) records_officer: String,
    /// The e-mail addresses of the workers.
    pub(crate) workers: Vec<String>,
    pub(crate) people: Vec<Target>,
}

/// A person of the practice, with their case.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Target {
    pub(crate) id: Uuid,
    /// The given name and the family name.
    pub(crate) name: String,
    pub(crate) nhs_number: String,
    pub(crate) case: Uuid,
    /// Whether the case is open, so that a note may be written.
    pub(crate) open: bool,
    /// The e-mail address of the worker.
    pub(crate) worker: String,
}

impl Target {
    pub(super) fn new(person: &PastPerson, case: &PastCase<'_>, practice: &PracticeEntered) -> Self {
        let details = &person.details;
        let given = details.given_name.as_ref().map(|given| format!("{given} ")).unwrap_or_default();
        let worker = practice.workers.iter().position(|worker| *worker == case.worker).unwrap_or_default();
        Self {
            id: person.id.uuid(),
            name: format!("{given}{}", details.family_name),
            nhs_number: details.nhs_number.as_ref().map(|number| number.as_str().to_owned()).unwrap_or_default(),
            case: case.id.uuid(),
            open: !case.state.is_closed(),
            worker: practice.worker_emails[worker].clone(),
        }
    }
}
