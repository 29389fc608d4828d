//! The figures of a council's complaints of a year, and what is told of them: to anybody, and to a practice.

use std::collections::{BTreeMap, HashMap};

use almoner_domain::complaints::complaint::Way;
use almoner_domain::complaints::excluding::ExclusionGround;
use almoner_domain::complaints::heads::{ComplaintOutcome, Theme};
use almoner_domain::complaints::ombudsman::OmbudsmanDecision;
use almoner_domain::complaints::reporting::{ReportingYear, fit_to_publish};
use almoner_domain::complaints::status::ComplaintStatus;
use almoner_domain::ids::{ComplaintId, CouncilId, PracticeId};
use almoner_domain::words::calendar::end_of_day;
use almoner_domain::words::text::Line;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ground::error::StoreError;
use crate::ground::schema::{
    complaint_heads, complaint_ombudsman, complaint_responses, complaints, councils, practices,
};
use crate::ground::scope::{PublicScope, Scope};
use crate::ground::transaction::setting;
use crate::tenancy::complaints_procedure::typed;
use crate::tenancy::councils::CouncilName;

/// The numbers of complaints that were received in twelve months, as they stand now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Figures {
    /// The number of complaints that were received.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub received: i64,
    /// The number of those that are well-founded, wholly or in part, as the last response that was sent says.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub well_founded: i64,
    /// The number of those of which the council knows that they were taken to the Ombudsman.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub taken_to_the_ombudsman: i64,
    /// The number of those that the Ombudsman upheld.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub upheld_by_the_ombudsman: i64,
    /// The number of those to which a response was sent, whatever came afterwards.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub answered: i64,
    /// The number of those to which each response was sent by the day that was planned, or that the contract gives.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub answered_in_time: i64,
    /// The number of those that were withdrawn.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub withdrawn: i64,
}

/// A number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Count {
    /// What is counted.
    #[schema(value_type = Line<200>)]
    pub what: String,
    /// How many there are.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub number: i64,
}

/// What anybody may know of a council's complaints of a year: the totals, and what there are five or more of.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicFigures {
    /// The council.
    pub council: CouncilName,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    /// The totals.
    #[serde(flatten)]
    pub figures: Figures,
    /// The numbers of heads by theme, of themes that were complained of five times or more.
    #[schema(max_items = 11)]
    pub by_theme: Vec<Count>,
    /// The numbers by practice, from five up. A number is left out too from which another could be worked out that is below five.
    #[schema(max_items = 1000)]
    pub by_practice: Vec<Count>,
}

/// Counts how often each word comes, in the order of the words.
pub(super) fn counts<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<Count> {
    let mut all: BTreeMap<&str, i64> = BTreeMap::new();
    for word in words {
        *all.entry(word).or_default() += 1;
    }
    all.into_iter().map(|(what, number)| Count { what: what.to_owned(), number }).collect()
}

pub(super) fn number(counted: impl Iterator) -> i64 {
    i64::try_from(counted.count()).unwrap_or(i64::MAX)
}

/// A complaint as it is counted.
#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = complaints)]
pub(super) struct Counted {
    pub(super) complaint_id: ComplaintId,
    pub(super) way: Way,
    pub(super) practice_id: Option<PracticeId>,
    status: ComplaintStatus,
    exclusion: Option<ExclusionGround>,
}

impl Counted {
    /// Whether it is a complaint: not what turned out to be a matter of another stream, nor a concern that was settled on the spot and is
    /// outside the procedure (SI 2009/309 reg 8(1)(c)). A concern that nobody has confirmed yet is one.
    fn is_complaint(&self) -> bool {
        !matches!(self.exclusion, Some(ExclusionGround::NoComplaint | ExclusionGround::OralResolved))
    }
}

/// The responses to a complaint that were sent.
struct Answered {
    /// What the last of them says.
    outcome: ComplaintOutcome,
    /// Whether each was sent by the day on which it was due.
    in_time: bool,
}

/// The complaints that a council received in a year. Whatever is counted of them is counted of these alone.
pub(super) struct OfYear {
    pub(super) received: Vec<Counted>,
    /// The grounds of everything that came and was not considered, what is no complaint too.
    pub(super) not_considered: Vec<ExclusionGround>,
    pub(super) themes: Vec<Theme>,
    answered: HashMap<ComplaintId, Answered>,
    decisions: HashMap<ComplaintId, Option<OmbudsmanDecision>>,
}

/// Selects the complaints that a council received in a year.
macro_rules! received_in {
    ($council:expr, $year:expr) => {{
        let (from, until) = ($year.from(), $year.until());
        let begin = end_of_day(from.pred_opt().unwrap_or(from));
        complaints::table
            .filter(complaints::council_id.eq($council))
            .filter(complaints::received_at.ge(begin).and(complaints::received_at.lt(end_of_day(until))))
            .order(complaints::complaint_id)
    }};
}
pub(super) use received_in;

/// Reads the complaints of a year, or those of them that are about one practice, as the intake.
pub(super) fn of_year(
    scope: &mut Scope<'_>,
    council: CouncilId,
    year: ReportingYear,
    about: Option<PracticeId>,
) -> Result<OfYear, StoreError> {
    let mut query = received_in!(council, year).select(Counted::as_select()).into_boxed();
    if let Some(practice) = about {
        query = query.filter(complaints::practice_id.eq(practice));
    }
    let mut received: Vec<Counted> = query.load(scope.conn)?;
    let not_considered = received.iter().filter_map(|one| one.exclusion).collect();
    received.retain(Counted::is_complaint);
    let ids: Vec<ComplaintId> = received.iter().map(|one| one.complaint_id).collect();
    let themes: Vec<Theme> = complaint_heads::table
        .filter(complaint_heads::council_id.eq(council).and(complaint_heads::complaint_id.eq_any(&ids)))
        .select(complaint_heads::theme)
        .load(scope.conn)?;
    let answered = answered(scope, council, &ids)?;
    // Of what was recorded of a complaint the newest entry counts, which takes the place of those before it.
    let decisions: Vec<(ComplaintId, Option<OmbudsmanDecision>)> = complaint_ombudsman::table
        .filter(complaint_ombudsman::council_id.eq(council).and(complaint_ombudsman::complaint_id.eq_any(&ids)))
        .order(complaint_ombudsman::entry_id)
        .select((complaint_ombudsman::complaint_id, complaint_ombudsman::decision))
        .load(scope.conn)?;
    Ok(OfYear { received, not_considered, themes, answered, decisions: decisions.into_iter().collect() })
}

/// Reads the responses to these complaints that were sent, as the intake. One that is signed and lies there is none.
fn answered(
    scope: &mut Scope<'_>,
    council: CouncilId,
    ids: &[ComplaintId],
) -> Result<HashMap<ComplaintId, Answered>, StoreError> {
    let sent: Vec<(ComplaintId, ComplaintOutcome, NaiveDate, NaiveDate)> = complaint_responses::table
        .filter(complaint_responses::council_id.eq(council).and(complaint_responses::complaint_id.eq_any(ids)))
        .filter(complaint_responses::sent_on.is_not_null())
        .order(complaint_responses::response_id)
        .select((
            complaint_responses::complaint_id,
            complaint_responses::outcome.assume_not_null(),
            complaint_responses::sent_on.assume_not_null(),
            complaint_responses::due_on.assume_not_null(),
        ))
        .load(scope.conn)?;
    let mut answered: HashMap<ComplaintId, Answered> = HashMap::new();
    for (id, outcome, sent_on, due_on) in sent {
        let all = answered.entry(id).or_insert(Answered { outcome, in_time: true });
        *all = Answered { outcome, in_time: all.in_time && sent_on <= due_on };
    }
    Ok(answered)
}

impl OfYear {
    /// What the last response that was sent says of each of them that was answered.
    pub(super) fn outcomes(&self) -> impl Iterator<Item = ComplaintOutcome> {
        self.answered.values().map(|one| one.outcome)
    }

    /// The figures of all of them.
    pub(super) fn figures(&self) -> Figures {
        let is_founded = |outcome: ComplaintOutcome| {
            matches!(outcome, ComplaintOutcome::WellFounded | ComplaintOutcome::PartlyWellFounded)
        };
        let upheld = self.decisions.values().filter(|one| **one == Some(OmbudsmanDecision::Upheld));
        Figures {
            received: number(self.received.iter()),
            well_founded: number(self.outcomes().filter(|outcome| is_founded(*outcome))),
            taken_to_the_ombudsman: number(self.decisions.keys()),
            upheld_by_the_ombudsman: number(upheld),
            answered: number(self.answered.values()),
            answered_in_time: number(self.answered.values().filter(|one| one.in_time)),
            withdrawn: number(self.received.iter().filter(|one| one.status == ComplaintStatus::Withdrawn)),
        }
    }
}

/// The names of these practices.
pub(super) fn names_of(
    scope: &mut Scope<'_>,
    concerned: &[PracticeId],
) -> Result<HashMap<PracticeId, String>, StoreError> {
    let rows = practices::table
        .filter(practices::practice_id.eq_any(concerned))
        .select((practices::practice_id, practices::name))
        .load::<(PracticeId, String)>(scope.conn)?;
    Ok(rows.into_iter().collect())
}

/// Tells anybody how many complaints a council received in a year that is over.
pub fn public_figures(
    scope: &mut PublicScope<'_>,
    code: &str,
    ending: Option<i32>,
) -> Result<PublicFigures, StoreError> {
    let year = ReportingYear::ended(ending, scope.today()).map_err(|fault| vec![fault])?;
    let council: CouncilName = councils::table
        .filter(councils::gss_code.eq(typed(code)))
        .select(CouncilName::as_select())
        .first(scope.conn)?;
    let id = council.id;
    let of_year =
        scope.at_intake_with(None, &[setting("app.council", id.uuid())], |scope| of_year(scope, id, year, None))?;
    let concerned: Vec<PracticeId> = of_year.received.iter().filter_map(|one| one.practice_id).collect();
    let names = names_of(scope, &concerned)?;
    let by_practice = counts(concerned.iter().filter_map(|id| names.get(id)).map(String::as_str));
    let by_theme = counts(of_year.themes.iter().map(|theme| theme.as_str()));
    let figures = of_year.figures();
    let numbers: Vec<i64> = by_practice.iter().map(|count| count.number).collect();
    let shown = fit_to_publish(&numbers, figures.received);
    Ok(PublicFigures {
        council,
        from: year.from(),
        until: year.until(),
        figures,
        by_theme: by_theme.into_iter().filter(|count| count.number >= 5).collect(),
        by_practice: by_practice.into_iter().zip(shown).filter(|(_, shown)| *shown).map(|(count, _)| count).collect(),
    })
}
