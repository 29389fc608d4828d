//! The macro that generates the event types from the table.

/// Makes [`Event`](super::Event), its kinds and its traces from the rows of the table.
macro_rules! events {
    ($(
        #[doc = $doc:literal]
        $name:ident = $word:literal,
            about $subject:ident: $Subject:ty
            $(, of $person:ident: $Person:ty)?
            $(, with $with:ident: $With:ty)*
            , in $log:ident
            $(, line $line:ident on $case:ident $(about $line_subject:ident)? $(by $nobody:ident)?)?
            $(, announced to $recipient:ident about $known_as:ident: $recipient_is:literal)?
            $(, announced at $home:ident: $home_is:literal)?
            $(, notice to $told:ident: $told_are:literal)?
        ;
    )+) => {
        /// An event: a thing that happened, with its subject.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Event {$(
            #[doc = $doc]
            $name {
                #[doc = concat!("The ", stringify!($subject), " that the event is about.")]
                $subject: $Subject,
                $(
                    #[doc = concat!("The ", stringify!($person), " that names the person.")]
                    $person: $Person,
                )?
                $(
                    #[doc = concat!("The ", stringify!($with), " that the event also names.")]
                    $with: $With,
                )*
                $(
                    #[doc = concat!("The members of staff who are notified: ", $told_are, ".")]
                    $told: Vec<$crate::ids::StaffId>,
                )?
            },
        )+}

        $crate::words::sql_text::closed_codes! {
            /// The kind of an [`Event`], as the audit log has it.
            pub enum EventKind {
                $(#[doc = $doc] $name = $word),+
            }
        }

        $crate::words::sql_text::closed_codes! {
            /// The kind of an announcement in the feed of a council or a practice.
            pub enum OutboxKind {
                $(
                    $(#[doc = $doc] #[doc = $recipient_is] $name = $word,)?
                    $(#[doc = $doc] #[doc = $home_is] $name = $word,)?
                )+
            }
        }

        impl OutboxKind {
            /// Returns the feed in which announcements of this kind appear.
            pub const fn feed(self) -> $crate::events::Feed {
                match self {$(
                    $(Self::$name => events!(@feed about $known_as),)?
                    $(Self::$name => events!(@feed at $home),)?
                )+}
            }

            /// Whether announcements of this kind are about one of the council's referrals.
            pub const fn is_about_a_referral(self) -> bool {
                match self {$(
                    $(Self::$name => events!(@about_a_referral $known_as),)?
                    $(Self::$name => events!(@about_a_referral $home),)?
                )+}
            }

            /// Returns the sentence that says what happened.
            pub const fn sentence(self) -> &'static str {
                match self {$(
                    $(Self::$name => events!(@sentence $recipient $doc),)?
                    $(Self::$name => events!(@sentence $home $doc),)?
                )+}
            }
        }

        $crate::words::sql_text::closed_codes! {
            /// The kind of a notice to a member of staff.
            pub enum NoticeKind {
                $($(#[doc = $doc] #[doc = $told_are] $name = $word,)?)+
            }
        }

        impl EventKind {
            /// Returns the event's row of the table.
            pub const fn description(self) -> $crate::events::Description {
                match self {$(
                    Self::$name => $crate::events::Description {
                        sentence: $doc.trim_ascii(),
                        subject: stringify!($subject),
                        subject_type: stringify!($Subject),
                        person: events!(@option $((stringify!($person), stringify!($Person)))?),
                        log: $crate::events::Log::$log,
                        announced_to: events!(@option $($recipient_is)? $($home_is)?),
                        notice_to: events!(@option $($told_are)?),
                        line: events!(@option $($crate::events::TimelineKind::$line)?),
                    },
                )+}
            }
        }

        impl Event {
            /// Returns the kind of the event.
            pub const fn kind(&self) -> EventKind {
                match self {
                    $(Self::$name { .. } => EventKind::$name),+
                }
            }

            /// Returns the rows that the event leaves behind when it is written into this owner's log.
            pub fn traces(
                self,
                owner: $crate::events::LogOwner,
            ) -> Result<$crate::events::Traces, $crate::events::WrongLog> {
                use $crate::events::{
                    About as _, Announcement, Entry, Line, Notice, PerhapsAbout as _, TimelineKind, Traces, WrongLog,
                };

                let kind = self.kind();
                let log = kind.description().log;
                if !log.may_be_of(owner) {
                    return Err(WrongLog { kind, owner });
                }
                Ok(match self {$(
                    Self::$name { $subject, $($person,)? $($with,)* $($told,)? } => {
                        let subject = $subject.id();
                        let person = $subject.person()$(.or($person.perhaps_person()))?;
                        Traces {
                            entry: log.chain(owner).map(|chain| Entry { chain, kind, subject, person }),
                            announcement: events!(
                                @announcement
                                $(Some(Announcement {
                                    kind: OutboxKind::$name,
                                    recipient: $recipient.uuid(),
                                    subject: $known_as.id(),
                                }))?
                                $(owner.$home().map(|home| Announcement {
                                    kind: OutboxKind::$name,
                                    recipient: home.uuid(),
                                    subject,
                                }))?
                            ),
                            notice: events!(
                                @announcement
                                $(owner.practice().map(|practice| Notice {
                                    kind: NoticeKind::$name,
                                    practice,
                                    recipients: $told,
                                    subject,
                                    person,
                                }))?
                            ),
                            line: events!(@option $(Line {
                                kind: TimelineKind::$line,
                                case: $case,
                                subject: events!(@announcement $($line_subject.perhaps_id())?),
                                names_actor: events!(@names_actor $($nobody)?),
                            })?),
                        }
                    }
                )+})
            }
        }
    };

    // The optional parts of a row.
    (@option) => { None };
    (@option $($said:tt)+) => { Some($($said)+) };
    (@announcement) => { None };
    (@announcement $said:expr) => { $said };
    (@feed about alert) => { $crate::events::Feed::Safeguarding };
    (@feed about $known_as:ident) => { $crate::events::Feed::Council };
    (@feed at practice) => { $crate::events::Feed::Practice };
    (@about_a_referral request) => { true };
    (@about_a_referral $other:ident) => { false };
    (@sentence $announced:ident $doc:literal) => { $doc.trim_ascii() };
    (@names_actor) => { true };
    (@names_actor nobody) => { false };
}
