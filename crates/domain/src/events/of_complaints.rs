//! The rows of the table of events that are about complaints. Each goes to the chain of complaints of the council whose the complaint is.

/// Puts the rows of complaints behind these, and makes the event types of all of them.
macro_rules! with_complaints {
    ($($rows:tt)*) => {
        events! {
            $($rows)*
            // Complaints: no event about them is in a practice's log.

            /// A complaint was lodged.
            ComplaintLodged = "complaint.lodged", about complaint: ComplaintId, in Complaints;
            /// A complaint was offered, unopened, to an officer.
            ComplaintOffered = "complaint.offered", about complaint: ComplaintId, in Complaints;
            /// An officer saw the names of those concerned by a complaint that is offered to them.
            ComplaintOfferRead = "complaint.offer_read", about complaint: ComplaintId, in Complaints;
            /// An officer listed what is offered to them.
            ComplaintOffersListed = "complaint.offers_listed", about officer: OfficerId, in Complaints;
            /// An officer opened a complaint that was offered to them, and has it from now on.
            ComplaintOpened = "complaint.opened", about complaint: ComplaintId, in Complaints;
            /// An officer did not open a complaint, because they or somebody close to them know somebody concerned.
            ComplaintOfferDeclined = "complaint.offer_declined", about complaint: ComplaintId, in Complaints;
            /// An officer did not open a complaint in time, or is not there any more.
            ComplaintOfferLapsed = "complaint.offer_lapsed", about complaint: ComplaintId, in Complaints;
            /// Nobody is left to whom a complaint could be offered.
            ComplaintStranded = "complaint.stranded", about complaint: ComplaintId, in Complaints;
            /// A complaint that nobody had acknowledged in time came before the responsible person.
            ComplaintEscalated = "complaint.escalated", about complaint: ComplaintId, in Complaints;
            /// An officer assigned a complaint to somebody, by name.
            ComplaintAssigned = "complaint.assigned", about complaint: ComplaintId, in Complaints;
            /// The assignment of a complaint to somebody ended.
            ComplaintAssignmentEnded = "complaint.assignment_ended", about complaint: ComplaintId, in Complaints;
            /// Whoever had an assignment of a complaint was told that it ended.
            ComplaintAssignmentTold = "complaint.assignment_told", about complaint: ComplaintId, in Complaints;
            /// The assignments of a complaint were listed.
            ComplaintAssignmentsListed = "complaint.assignments_listed", about complaint: ComplaintId, in Complaints;
            /// Somebody listed the complaints that are assigned to them.
            ComplaintListed = "complaint.listed", about reader: Uuid, in Complaints;
            /// A complaint was read by somebody to whom it is assigned.
            ComplaintRead = "complaint.read", about complaint: ComplaintId, in Complaints;
            /// The identity in a confidential complaint was unsealed for an hour, for a reason that the log keeps.
            ComplaintUnsealed = "complaint.unsealed", about complaint: ComplaintId, in Complaints;
            /// A complaint was acknowledged.
            ComplaintAcknowledged = "complaint.acknowledged", about complaint: ComplaintId, in Complaints;
            /// The period in which a complaint is answered was agreed with the complainant, or determined.
            ComplaintPlanned = "complaint.planned", about complaint: ComplaintId, in Complaints;
            /// The risk in what a complaint is about was judged.
            ComplaintRiskJudged = "complaint.risk_judged", about complaint: ComplaintId, in Complaints;
            /// The complainant was told why there is no response in time.
            ComplaintDelayExplained = "complaint.delay_explained", about complaint: ComplaintId, in Complaints;
            /// An officer decided that a complaint is not considered, or not further, for a reason that the log keeps.
            ComplaintNotConsidered = "complaint.not_considered", about complaint: ComplaintId, in Complaints;
            /// It was recorded when the matter of a complaint happened, and if it came late, why it is looked into all the same.
            ComplaintTimelinessRecorded = "complaint.timeliness_recorded", about complaint: ComplaintId, in Complaints;
            /// It was recorded how and when the complainant was given the written record of a complaint that they made by word of mouth.
            ComplaintRecordGiven = "complaint.record_given", about complaint: ComplaintId, in Complaints;
            /// Somebody who has a complaint checked whether the representative who complains may act for the person.
            ComplaintRepresentativeChecked = "complaint.representative_checked", about complaint: ComplaintId, in Complaints;
            /// The person confirmed that what they said at a practice's desk is settled, in words that the log keeps.
            ComplaintSettled = "complaint.settled", about complaint: ComplaintId, in Complaints;
            /// Somebody who has a complaint raised a safeguarding concern with the council's duty.
            ComplaintSafeguardingRaised = "complaint.safeguarding_raised", about complaint: ComplaintId, in Complaints;
            /// A head of a complaint was put down.
            ComplaintHeadRaised = "complaint.head_raised", about complaint: ComplaintId, in Complaints;
            /// A head of a complaint was written anew.
            ComplaintHeadAmended = "complaint.head_amended", about complaint: ComplaintId, in Complaints;
            /// A head of a complaint on which nothing was found was taken out.
            ComplaintHeadRemoved = "complaint.head_removed", about complaint: ComplaintId, in Complaints;
            /// It was put down what was found on a head of a complaint.
            ComplaintHeadFound = "complaint.head_found", about complaint: ComplaintId, in Complaints;
            /// A head of a complaint is held, while somebody else looks into the same.
            ComplaintHeadHeld = "complaint.head_held", about complaint: ComplaintId, in Complaints;
            /// A head of a complaint that was held is looked into again.
            ComplaintHeadResumed = "complaint.head_resumed", about complaint: ComplaintId, in Complaints;
            /// The response to a complaint was drafted.
            ComplaintResponseDrafted = "complaint.response_drafted", about complaint: ComplaintId, in Complaints;
            /// The response to a complaint was read.
            ComplaintResponseRead = "complaint.response_read", about complaint: ComplaintId, in Complaints;
            /// The responsible person, or an officer whom they authorised, signed the response to a complaint.
            ComplaintResponseSigned = "complaint.response_signed", about complaint: ComplaintId, in Complaints;
            /// A signed response that had not been sent was given back to be changed.
            ComplaintResponseReturned = "complaint.response_returned", about complaint: ComplaintId, in Complaints;
            /// It was recorded how and when the response to a complaint was sent.
            ComplaintResponseSent = "complaint.response_sent", about complaint: ComplaintId, in Complaints;
            /// Somebody put down what is done because of a complaint.
            ComplaintActionAdded = "complaint.action_added", about complaint: ComplaintId, in Complaints;
            /// What was to be done because of a complaint is done.
            ComplaintActionDone = "complaint.action_done", about complaint: ComplaintId, in Complaints;
            /// A matter in a complaint is dealt with apart, in a stream of its own.
            ComplaintMatterSetApart = "complaint.matter_set_apart", about complaint: ComplaintId, in Complaints;
            /// It was proposed to link a complaint with another about the same.
            ComplaintLinkProposed = "complaint.link_proposed", about complaint: ComplaintId, in Complaints;
            /// An officer who has a complaint answered a proposal to link another with it.
            ComplaintLinkAnswered = "complaint.link_answered", about complaint: ComplaintId, in Complaints;
            /// An officer linked a complaint with another about the same, or ended that.
            ComplaintLinked = "complaint.linked", about complaint: ComplaintId, in Complaints;
            /// A complaint was closed.
            ComplaintClosed = "complaint.closed", about complaint: ComplaintId, in Complaints;
            /// A complaint that was answered was reopened, for a reason that the log keeps.
            ComplaintReopened = "complaint.reopened", about complaint: ComplaintId, in Complaints;
            /// It was recorded that a complaint was taken to the Ombudsman, or what the Ombudsman decided.
            ComplaintOmbudsmanRecorded = "complaint.ombudsman_recorded", about complaint: ComplaintId, in Complaints;
            /// An officer took the whole file of a complaint out for the Ombudsman.
            ComplaintFileTakenOut = "complaint.file_taken_out", about complaint: ComplaintId, in Complaints;
            /// Somebody asked for what takes away from a complaint or turns it.
            ComplaintRequested = "complaint.requested", about complaint: ComplaintId, in Complaints;
            /// An officer decided on such a request, once the contact given at lodging had been told.
            ComplaintRequestDecided = "complaint.request_decided", about complaint: ComplaintId, in Complaints;
            /// The responsible person decided on a request for a review, for a reason that the log keeps.
            ComplaintReviewed = "complaint.reviewed", about complaint: ComplaintId, in Complaints;
            /// An officer limited how somebody complains, for a reason that the log keeps.
            ComplaintLimited = "complaint.limited", about complaint: ComplaintId, in Complaints;
            /// The limits on how somebody complains were ended.
            ComplaintLimitsEnded = "complaint.limits_ended", about complaint: ComplaintId, in Complaints;
            /// The responsible person authorised an officer to sign responses.
            SignatoryAuthorised = "signatory.authorised", about officer: OfficerId, in Complaints;
            /// The responsible person ended an officer's authority to sign responses.
            SignatoryEnded = "signatory.ended", about officer: OfficerId, in Complaints;
            /// An officer lets the subject of a complaint be heard on heads of it, after the complainant was told.
            ComplaintHearingOpened = "complaint.hearing_opened", about complaint: ComplaintId, in Complaints;
            /// An officer gave an employer's lead a notice of what they must know and do.
            ComplaintNoticeGiven = "complaint.notice_given", about complaint: ComplaintId, in Complaints;
            /// Somebody read the part of a complaint that is shown to them.
            ComplaintPartRead = "complaint.part_read", about complaint: ComplaintId, in Complaints;
            /// Somebody answered the part of a complaint that is shown to them.
            ComplaintPartAnswered = "complaint.part_answered", about complaint: ComplaintId, in Complaints;
            /// An officer put down which practice a complaint is about that named none.
            ComplaintPracticePutDown = "complaint.practice_put_down", about complaint: ComplaintId, in Complaints;
            /// An officer opened a record at a practice for looking into a complaint, for a reason that the log keeps.
            ComplaintRecordOpened = "complaint.record_opened", about complaint: ComplaintId, in Complaints;
            /// A record that was opened for looking into a complaint was closed.
            ComplaintRecordClosed = "complaint.record_closed", about complaint: ComplaintId, in Complaints;
            /// Somebody read the record that was opened for looking into a complaint.
            ComplaintRecordRead = "complaint.record_read", about complaint: ComplaintId, in Complaints;
            /// Somebody read notes of the record that was opened for looking into a complaint.
            ComplaintRecordNotesRead = "complaint.record_notes_read", about complaint: ComplaintId, in Complaints;
            /// It was looked up when a person's record was open for looking into complaints, for an answer to a subject access request.
            ComplaintRecordOpeningsListed = "complaint.record_openings_listed", about person: Uuid, in Complaints;
            /// A letter about a complaint was given out: the response, or the written record of what was said.
            ComplaintLetterGivenOut = "complaint.letter_given_out", about complaint: ComplaintId, in Complaints;
            /// The numbers of a council's complaints of a year were read.
            ComplaintsReported = "complaint.reported", about council: CouncilId, in Complaints;
            /// The responsible person decided that an officer to whom the complainant objects keeps the complaint, for a reason that the log keeps.
            ComplaintObjectionDecided = "complaint.objection_decided", about complaint: ComplaintId, in Complaints;
            /// An officer released to a practice what was learnt from complaints.
            LearningReleased = "learning.released", about learning: LearningId, in Complaints;
            /// The complainant objected to somebody who has their complaint.
            ComplaintObjected = "complaint.objected", about complaint: ComplaintId, in Complaints;
            /// A bank holiday that was added moved a deadline of a complaint.
            ComplaintDeadlineMoved = "complaint.deadline_moved", about complaint: ComplaintId, in Complaints;
            /// A message was written in a complaint.
            ComplaintMessageWritten = "complaint.message_written", about complaint: ComplaintId, in Complaints;
            /// An officer passed a message of the complainant on to those who work on the complaint.
            ComplaintMessagePassedOn = "complaint.message_passed_on", about complaint: ComplaintId, in Complaints;
            /// Somebody recorded how the complainant was given a message.
            ComplaintMessageGiven = "complaint.message_given", about complaint: ComplaintId, in Complaints;
            /// A document was sent to a complaint.
            ComplaintDocumentSent = "complaint.document_sent", about complaint: ComplaintId, in Complaints;
            /// The scanner found nothing in a document of a complaint.
            ComplaintDocumentCleared = "complaint.document_cleared", about complaint: ComplaintId, in Complaints;
            /// The scanner found something in a document of a complaint, and its content was destroyed.
            ComplaintDocumentFoundInfected = "complaint.document_found_infected", about complaint: ComplaintId, in Complaints;
            /// An officer passed a document of the complainant on to those who work on the complaint.
            ComplaintDocumentPassedOn = "complaint.document_passed_on", about complaint: ComplaintId, in Complaints;
            /// The documents of a complaint were listed.
            ComplaintDocumentsListed = "complaint.documents_listed", about complaint: ComplaintId, in Complaints;
            /// A document of a complaint was given out.
            ComplaintDocumentGivenOut = "complaint.document_given_out", about complaint: ComplaintId, in Complaints;
            /// The complainant followed their complaint.
            ComplaintFollowed = "complaint.followed", about complaint: ComplaintId, in Complaints;
            /// An officer drew a new access code for a complaint, for the complainant alone and for a reason that the log keeps.
            ComplaintCodeReplaced = "complaint.code_replaced", about complaint: ComplaintId, in Complaints;
            /// An officer declared an interest, of which no complaint is offered to them.
            ComplaintInterestDeclared = "complaint.interest_declared", about interest: InterestId, in Complaints;
            /// An officer withdrew an interest that they had declared.
            ComplaintInterestWithdrawn = "complaint.interest_withdrawn", about interest: InterestId, in Complaints;
            /// An officer listed the interests that they have declared.
            ComplaintInterestsListed = "complaint.interests_listed", about officer: OfficerId, in Complaints;
            /// An officer invited somebody to be a guest of the council, to whom complaints can be assigned.
            GuestInvited = "guest.invited", about guest: GuestId, in Complaints;
            /// Somebody who was invited became a guest of the council.
            GuestJoined = "guest.joined", about guest: GuestId, in Complaints;
            /// A guest waits to be confirmed: their account's credentials were replaced through a link.
            GuestUnconfirmed = "guest.unconfirmed", about guest: GuestId, in Complaints;
            /// An officer confirmed that the account of a guest is still theirs.
            GuestConfirmed = "guest.confirmed", about guest: GuestId, in Complaints;
            /// An officer let a guest go, and every assignment of theirs ended with it.
            GuestLetGo = "guest.let_go", about guest: GuestId, in Complaints;
            /// The people who can come in by the complaints' door were listed.
            ComplaintPeopleListed = "complaint.people_listed", about council: CouncilId, in Complaints;
        }
    };
}

pub(super) use with_complaints;
