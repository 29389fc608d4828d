//! Recording of events. In the transaction in which an event happens, it writes a row of the audit log, a row of the outbox,
//! notices to staff and a line of a case's timeline. The table in [`almoner_domain::events`] says which of them, and for
//! whom.

use almoner_domain::events::{Announcement, Event, Line, LogOwner, Notice, Traces};
use almoner_domain::ids::{EventId, NoticeId, PracticeId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::schema::{case_events, notices, outbox};
use crate::ground::scope::Scope;

impl Scope<'_> {
    /// Records an event in the log of the tenant for whom this scope acts. It has identifiers, never content.
    pub(crate) fn record(&mut self, event: Event) -> Result<(), StoreError> {
        self.record_in(self.log, event)
    }

    /// Records an event in another owner's log: the practice's, for what a council or a partner app does there.
    pub(crate) fn record_in(&mut self, owner: LogOwner, event: Event) -> Result<(), StoreError> {
        self.write(owner, event, None)
    }

    /// Records an event, with the reason that the caller gave.
    pub(crate) fn record_because(&mut self, event: Event, reason: &str) -> Result<(), StoreError> {
        self.write(self.log, event, Some(reason))
    }

    fn write(&mut self, owner: LogOwner, event: Event, reason: Option<&str>) -> Result<(), StoreError> {
        let Traces { entry, announcement, notice, line } = event.traces(owner).map_err(StoreError::unreadable)?;
        if let Some(entry) = entry {
            self.append_entry(owner, &entry, reason)?;
        }
        if let Some(announcement) = announcement {
            self.announce(owner, announcement)?;
        }
        if let Some(notice) = notice {
            self.notify(&notice)?;
        }
        match (line, owner.practice()) {
            (Some(line), Some(practice)) => self.append_line(practice, &line),
            _ => Ok(()),
        }
    }

    fn announce(&mut self, owner: LogOwner, announcement: Announcement) -> Result<(), StoreError> {
        diesel::insert_into(outbox::table)
            .values((
                outbox::owner_id.eq(owner.uuid()),
                outbox::event_id.eq(self.next_id::<EventId>().uuid()),
                outbox::recipient_id.eq(announcement.recipient),
                outbox::kind.eq(announcement.kind),
                outbox::subject_id.eq(announcement.subject),
                outbox::at.eq(self.at()),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    fn notify(&mut self, notice: &Notice) -> Result<(), StoreError> {
        let rows: Vec<_> = notice
            .recipients
            .iter()
            .map(|recipient| {
                (
                    notices::practice_id.eq(notice.practice),
                    notices::notice_id.eq(self.next_id::<NoticeId>()),
                    notices::recipient_id.eq(*recipient),
                    notices::kind.eq(notice.kind),
                    notices::subject_id.eq(notice.subject),
                    notices::service_user_id.eq(notice.person),
                    notices::at.eq(self.at()),
                )
            })
            .collect();
        if !rows.is_empty() {
            diesel::insert_into(notices::table).values(rows).execute(self.conn)?;
        }
        Ok(())
    }

    fn append_line(&mut self, practice: PracticeId, line: &Line) -> Result<(), StoreError> {
        diesel::insert_into(case_events::table)
            .values((
                case_events::practice_id.eq(practice),
                case_events::event_id.eq(self.next_id::<EventId>()),
                case_events::case_id.eq(line.case.case),
                case_events::service_user_id.eq(line.case.person),
                case_events::access_restricted.eq(line.case.access_restricted),
                case_events::team_id.eq(line.case.team),
                case_events::kind.eq(line.kind),
                case_events::at.eq(self.at()),
                case_events::staff_id.eq(self.actor.filter(|_| line.names_actor)),
                case_events::subject_id.eq(line.subject),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Records when the recipient of a notice read it.
    pub(crate) fn mark_read(&mut self, practice: PracticeId, notice: NoticeId) -> Result<(), StoreError> {
        let at: DateTime<Utc> = self.at();
        let read = diesel::update(notices::table)
            .filter(notices::practice_id.eq(practice).and(notices::notice_id.eq(notice)))
            .set(notices::read_at.eq(at))
            .execute(self.conn)?;
        StoreError::unless_changed(read, "the notice")?;
        self.record(Event::NoticeRead { notice })
    }
}
