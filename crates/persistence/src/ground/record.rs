//! Recording of events. In the transaction in which an event happens, it writes a row of the audit log, a row of the outbox,
//! notices to staff and a line of a case's timeline. The table in [`almoner_domain::events`] says which of them, and for
//! whom.

use almoner_domain::events::{Announcement, Event, Line, LogOwner, Notice, TimelineKind, Traces};
use almoner_domain::ids::{CaseId, NoticeId, PracticeId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::pending::{LineRow, NoticeRow, OutboxRow};
use crate::ground::prepared::update;
use crate::ground::schema::{case_events, notices};
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

    /// Records an event in another owner's log that is told what a tenant did, and not who did it there: neither the person nor their roles,
    /// their session and their address.
    pub(crate) fn record_unsigned_in(&mut self, owner: LogOwner, event: Event) -> Result<(), StoreError> {
        let (actor, from, caller) = (self.actor.take(), self.request.from.take(), std::mem::take(&mut self.caller));
        let recorded = self.record_in(owner, event);
        (self.actor, self.request.from, self.caller) = (actor, from, caller);
        recorded
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
            self.announce(owner, announcement);
        }
        if let Some(notice) = notice {
            self.notify(&notice);
        }
        if let (Some(line), Some(practice)) = (line, owner.practice()) {
            self.append_line(practice, &line);
        }
        Ok(())
    }

    fn announce(&mut self, owner: LogOwner, announcement: Announcement) {
        let row = OutboxRow {
            owner_id: owner.uuid(),
            event_id: self.next_id(),
            recipient_id: announcement.recipient,
            feed: announcement.kind.feed(),
            kind: announcement.kind,
            subject_id: announcement.subject,
            at: self.at(),
        };
        self.pending.outbox.push(row);
    }

    fn notify(&mut self, notice: &Notice) {
        for recipient in &notice.recipients {
            let row = NoticeRow {
                practice_id: notice.practice,
                notice_id: self.next_id(),
                recipient_id: *recipient,
                kind: notice.kind,
                subject_id: notice.subject,
                service_user_id: notice.person,
                at: self.at(),
            };
            self.pending.notices.push(row);
        }
    }

    fn append_line(&mut self, practice: PracticeId, line: &Line) {
        let row = LineRow {
            practice_id: practice,
            event_id: self.next_id(),
            case_id: line.case.case,
            service_user_id: line.case.person,
            access_restricted: line.case.access_restricted,
            team_id: line.case.team,
            kind: line.kind,
            at: self.at(),
            staff_id: self.actor.filter(|_| line.names_actor),
            subject_id: line.subject,
        };
        self.pending.lines.push(row);
    }

    /// Removes the lines of these kinds from the timeline of a case that is removed.
    pub(crate) fn remove_lines(
        &mut self,
        practice: PracticeId,
        case: CaseId,
        kinds: &[TimelineKind],
    ) -> Result<(), StoreError> {
        diesel::delete(case_events::table)
            .filter(case_events::practice_id.eq(practice).and(case_events::case_id.eq(case)))
            .filter(case_events::kind.eq_any(kinds))
            .execute(self.conn)?;
        Ok(())
    }

    /// Records when the recipient of a notice read it.
    pub(crate) fn mark_read(&mut self, practice: PracticeId, notice: NoticeId) -> Result<(), StoreError> {
        let at: DateTime<Utc> = self.at();
        let read = update(notices::table)
            .filter(notices::practice_id.eq(practice).and(notices::notice_id.eq(notice)))
            .set(notices::read_at.eq(at))
            .execute(self.conn)?;
        StoreError::unless_changed(read, "the notice")?;
        self.record(Event::NoticeRead { notice })
    }
}
