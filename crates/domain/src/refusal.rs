//! The reasons why a rule refuses an action, apart from faults in a message ([`crate::fault::Fault`]).

use crate::complaints::heads::MOST_HEADS;
use crate::complaints::requests::MOST_WAITING;
use crate::contracts::function::Function;
use crate::documents::limits::{MOST_PIECES, MOST_UPLOADS};
use crate::staff::registration::Bar;

/// The reason why an action cannot be done now, in words for the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The thing is in a state from which this step is not possible.
    #[error("the {thing} is {state} and cannot be {step}")]
    InvalidState {
        /// The thing: `referral`, `case`, `complaint`, `countersignature`.
        thing: &'static str,
        /// The state that the thing is in.
        state: &'static str,
        /// The step that was tried, as a participle: `accepted`, `closed`.
        step: &'static str,
    },
    /// No delegation covers the work today (Care Act 2014 s79).
    #[error("no delegation of {} from the responsible council is in force today", .0.as_str())]
    NotDelegated(Function),
    /// The record is open to the caller already, so break-glass access is not needed.
    #[error("the record is open to you: read it in the ordinary way")]
    OpenAlready,
    /// The practice has nobody who would be notified of the break-glass access.
    #[error("nobody else at the practice could be notified of it and review it")]
    NobodyToTell,
    /// The change would leave the record open to no access manager.
    #[error("the record would be open to no access manager")]
    NobodyToLift,
    /// The change would leave a restricted referral that waits open to no manager.
    #[error("a restricted referral that waits would be open to no manager: answer it, or name another manager, first")]
    NobodyToScreen,
    /// The caller sees the record only by break-glass access, and may not change who else sees it.
    #[error("you see the record by break-glass access only, and may not change who else sees it")]
    OpenForAWhile,
    /// The caller acts as a manager for somebody to whom the record is closed, or has the power from them.
    #[error(
        "the record is closed to the manager for whom you act or to whoever gave you the power: another manager says who sees it"
    )]
    StandsInForSomebodyKeptOut,
    /// The council may not send the request to the practice that it names.
    #[error("that practice has no contract with the council that covers this today")]
    NotUnderContract,
    /// The answer to the referral is somebody else's, and the caller is no manager.
    #[error("somebody else answered the referral: they or a manager may undo it")]
    AnotherAnswered,
    /// The referral was answered more than an hour ago.
    #[error("the referral was {0} more than an hour ago, and can be undone within an hour only")]
    AnsweredTooLongAgo(&'static str),
    /// Something stands under the case that an acceptance opened, or in the record.
    #[error("{0} stands under the acceptance, which cannot be undone any more")]
    StandsUnder(&'static str),
    /// The register bars the member of staff who would decide (Social Workers Regulations 2018).
    #[error("you are a social worker who may not practise: {0}")]
    Barred(Bar),
    /// The case is not the caller's to close.
    #[error("the case is not allocated to you: its worker or a manager may ask to close it")]
    NotAllocated,
    /// The caller is a practitioner without registration, with whom no registrant agreed on this ground.
    #[error("a practitioner may ask to close a case on the ground to which a social worker agreed before")]
    NoAgreement,
    /// The caller is no manager, and works on no open case of the person.
    #[error("you work on no case of this person: somebody who does, or a manager, may do it")]
    NotWorkingWithPerson,
    /// The caller is a practitioner without registration.
    #[error(
        "a practitioner may write a warning note on a ground that cannot wait; a social worker or a manager may on this one"
    )]
    NotRegistered,
    /// A signatory was drawn, who decides on the request.
    #[error("the request is with a signatory, and is taken back only while it waits for one from outside")]
    SignatoryDrawn,
    /// The request is for the review of what has taken effect.
    #[error("what was asked for has taken effect and is reviewed, which is not taken back")]
    UnderReview,
    /// A second person has yet to decide on a request for the same.
    #[error("a second person has yet to decide on the same request")]
    AlreadyAsked,
    /// The council has yet to decide on a request to erase the same document.
    #[error("a council has yet to decide on a request to erase the same document")]
    ErasureAsked,
    /// What a request was made for has changed since.
    #[error("{0} since the request was made: refuse it")]
    Overtaken(&'static str),
    /// There is nobody with whom the caller could agree.
    #[error("the case is allocated to nobody but you who could ask to close it")]
    NobodyToAgreeWith,
    /// The owner of a document has as many documents as there may be: this many.
    #[error("there are {0} documents already, which is as many as there may be")]
    TooManyDocuments(i64),
    /// The practice or the council has sent in as much in a day as it may.
    #[error("as many documents were sent in today as may be: 1 GB a day")]
    TooMuchForADay,
    /// The documents that came with the access code of a complaint are as large together as they may be.
    #[error("all the documents that come with the code of a complaint have at most 250 MB together")]
    TooMuchWithTheCode,
    /// The document that a new version was to replace has one already.
    #[error("the document was replaced by a newer version: replace that one")]
    ReplacedAlready,
    /// The caller has as many uploads under way as there may be.
    #[error("you have {} uploads under way, which is as many as there may be: finish or delete one", MOST_UPLOADS)]
    TooManyUploads,
    /// The upload came in as many pieces as there may be.
    #[error(
        "the upload came in {} pieces, which is as many as there may be: begin it anew, in larger ones",
        MOST_PIECES
    )]
    TooManyPieces,
    /// A piece of an upload does not go on from where the upload is: it has this many bytes.
    #[error("the upload has {0} bytes: go on from there")]
    OffsetDiffers(i64),
    /// The caller is neither the responsible person nor authorised by them (SI 2009/309 reg 4).
    #[error(
        "a response is signed by the responsible person, by who stands in for them, or by an officer whom they authorised"
    )]
    NotASignatory,
    /// The caller does not answer for the council, or decided what is reviewed.
    #[error(
        "a review is the responsible person's, or that of who stands in for them, and never that of the officer whose decision it is"
    )]
    NotTheReviewer,
    /// The complaint has as many heads as there may be.
    #[error("the complaint has {MOST_HEADS} heads, which is as many as there may be")]
    TooManyHeads,
    /// The complaint has as many actions as there may be.
    #[error("the complaint has as many actions as there may be")]
    TooManyActions,
    /// As many requests wait for a decision as may be.
    #[error("{MOST_WAITING} requests wait for a decision, which is as many as may")]
    TooManyRequests,
    /// What is shown has as many answers as there may be.
    #[error("there are as many answers as there may be")]
    TooManyAnswers,
    /// A character of a letter has no font.
    #[error("the letter has characters for which there is no font: take the HTML, which has them all")]
    NoFont,
    /// The complaint was not settled at a practice's desk, or the day by which the person confirms it is over.
    #[error(
        "only what was said at a practice's desk and settled there is confirmed, by the end of the next working day"
    )]
    NotSettledOnTheSpot,
    /// Something that was promised is not done.
    #[error("something that was promised is not done: put down when it was")]
    ActionsOpen,
    /// A document was to take an upload of which only so many bytes are there.
    #[error("the upload has {0} of its bytes, and no document takes it until it has all of them")]
    UploadUnfinished(i64),
}
