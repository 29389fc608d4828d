//! A reading that is on record: the only thing that an answer can show.
//!
//! A query gives its rows bare, for rules and changes to work with. An answer takes [`OnRecord`], and there are three ways to
//! it: [`Scope::record_read`] of one record, [`Scope::list_read`] of many (a list is one event, decision 0014), and
//! [`not_a_record`] of what is nobody's record, for a reason in words. So nobody can be shown a record without an event.
//!
//! ```compile_fail,E0423
//! // What was found is not on record because somebody says so.
//! fn forge(case: almoner_persistence::cases::Case) -> almoner_persistence::OnRecord<almoner_persistence::cases::Case> {
//!     almoner_persistence::OnRecord(case)
//! }
//! ```
//!
//! ```compile_fail,E0308
//! // What a query finds is bare: nothing has been recorded of it.
//! fn show(
//!     scope: &mut almoner_persistence::PracticeScope<'_>,
//!     id: almoner_domain::ids::CaseId,
//! ) -> Result<almoner_persistence::OnRecord<almoner_persistence::cases::Case>, almoner_persistence::StoreError> {
//!     almoner_persistence::cases::find(scope, id)
//! }
//! ```
//!
//! ```
//! // The same with a reading that leaves its event compiles.
//! fn show(
//!     scope: &mut almoner_persistence::PracticeScope<'_>,
//!     id: almoner_domain::ids::CaseId,
//! ) -> Result<almoner_persistence::OnRecord<almoner_persistence::cases::Case>, almoner_persistence::StoreError> {
//!     almoner_persistence::cases::read(scope, id)
//! }
//! ```

use std::ops::Deref;

use almoner_domain::events::Event;

use crate::ground::error::StoreError;
use crate::ground::page::Page;
use crate::ground::scope::Scope;

/// Something that may be shown: either its reading is on record, or it is nobody's record.
#[derive(Debug)]
pub struct OnRecord<T>(T);

impl<T> Deref for OnRecord<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> OnRecord<T> {
    /// What is shown, for an answer that is written piece by piece.
    pub fn into_shown(self) -> T {
        self.0
    }

    /// The same reading in the shape in which it is shown.
    pub fn map<U>(self, shape: impl FnOnce(T) -> U) -> OnRecord<U> {
        OnRecord(shape(self.0))
    }
}

/// Lets an answer show what is nobody's record, or what is on record already. The reason says which, for whoever reads the
/// code: it is kept nowhere.
pub fn not_a_record<T>(shown: T, _reason: &'static str) -> OnRecord<T> {
    OnRecord(shown)
}

/// Many records of one kind.
pub(crate) trait Many {}

impl<T> Many for Page<T> {}

impl<T> Many for Vec<T> {}

impl Scope<'_> {
    /// Records that the caller reads one record.
    pub(crate) fn record_read<T>(&mut self, read: T, event: Event) -> Result<OnRecord<T>, StoreError> {
        self.record(event)?;
        Ok(OnRecord(read))
    }

    /// Records that the caller reads a list: one event, whatever is on it.
    pub(crate) fn list_read<L: Many>(&mut self, list: L, event: Event) -> Result<OnRecord<L>, StoreError> {
        self.record(event)?;
        Ok(OnRecord(list))
    }
}
