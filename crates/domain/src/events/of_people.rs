//! The rows of the table of events that are about people: their records, and the search for them.

/// Puts these rows behind those of the table, and those of instructions and of complaints behind both.
macro_rules! with_people {
    ($($rows:tt)*) => {
        with_instructions! {
            $($rows)*
            // People: their records, and the search for them.

            /// A person's record was opened.
            ServiceUserCreated = "service_user.created", about person: ServiceUserId, in Practice;
            /// A person's record was read.
            ServiceUserRead = "service_user.read", about person: ServiceUserId, in Practice;
            /// A person's record was changed.
            ServiceUserChanged = "service_user.changed", about person: ServiceUserId, in Practice;
            /// The history of a person's details was read.
            ServiceUserHistoryRead = "service_user.history_read", about person: ServiceUserId, in Practice;
            /// A relationship was written down: of each of the two who has a record.
            RelationshipWritten = "relationship.written", about relationship: RelationshipId, of person: ServiceUserId, in Practice;
            /// What is said of a relationship was changed.
            RelationshipChanged = "relationship.changed", about relationship: RelationshipId, of person: ServiceUserId, in Practice;
            /// A relationship was ended, or marked as entered in error.
            RelationshipEnded = "relationship.ended", about relationship: RelationshipId, of person: ServiceUserId, in Practice;
            /// One relationship of a person was read.
            RelationshipRead = "relationship.read", about relationship: RelationshipId, of person: ServiceUserId, in Practice;
            /// The relationships of a person were read, as a list or as the network around them.
            RelationshipsRead = "service_user.relationships_read", about person: ServiceUserId, in Practice;
            /// A warning note was written: it is in force, or waits for a second person.
            WarningNoteWritten = "warning_note.written", about warning_note: WarningNoteId, of person: ServiceUserId, in Practice;
            /// A second person agreed to a warning note that waited for them: it is in force.
            WarningNoteApproved = "warning_note.approved", about warning_note: WarningNoteId, of person: ServiceUserId, in Practice;
            /// A second person did not agree to a warning note, which is not in force, or no longer.
            WarningNoteRefused = "warning_note.refused", about warning_note: WarningNoteId, of person: ServiceUserId, in Practice;
            /// Whoever asked for a warning note took the request back.
            WarningNoteTakenBack = "warning_note.taken_back", about warning_note: WarningNoteId, of person: ServiceUserId, in Practice;
            /// A warning note was reviewed, and stays in force.
            WarningNoteReviewed = "warning_note.reviewed", about warning_note: WarningNoteId, of person: ServiceUserId, in Practice;
            /// A warning note was reviewed, and is in force no longer.
            WarningNoteEnded = "warning_note.ended", about warning_note: WarningNoteId, of person: ServiceUserId, in Practice;
            /// Somebody recorded whether the person was told of a warning note.
            WarningNoteTold = "warning_note.told", about warning_note: WarningNoteId, of person: ServiceUserId, in Practice;
            /// One warning note of a person was read.
            WarningNoteRead = "warning_note.read", about warning_note: WarningNoteId, of person: ServiceUserId, in Practice;
            /// The warning notes of a person were read.
            WarningNotesRead = "service_user.warning_notes_read", about person: ServiceUserId, in Practice;
            /// The warning notes in force at the practice were listed by the day of their review.
            WarningNotesListed = "warning_note.listed", about practice: PracticeId, in Practice;
            /// Somebody settled a detail in which a referral and a person's record differ.
            ServiceUserDifferenceSettled = "service_user.difference_settled", about person: ServiceUserId, in Practice;
            /// A person's record was shown beside a referral that it differs from, because somebody accepted the one onto the other.
            ServiceUserCompared = "service_user.compared", about person: ServiceUserId, in Practice;
            /// A person's record was removed, because the acceptance that had opened it was undone.
            ServiceUserRemoved = "service_user.removed", about person: ServiceUserId, in Practice;
            /// People's records were searched.
            ServiceUserSearched = "service_user.searched", about practice: PracticeId, in Practice;
        }
    };
}

pub(super) use with_people;
