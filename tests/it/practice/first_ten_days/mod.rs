//! The first ten working days of a practice, told in order as its people and its council live them, from a Monday morning on
//! which nothing may be sent to it to the Friday of its second week, and the Saturday after. Each day meets something that
//! would have hurt somebody, and gets past it.
//!
//! Hannah Price is the social worker on duty, Tomasz Zielinski another social worker, and Wren Abbott a third, whom everybody
//! forgets. Lucy Freeman is the practitioner on the road. Gareth Pugh manages them, and Amara Okafor, who owns the practice
//! with Efua Mensah, manages him. Irena Kowalczyk is a manager outside their line. Rosalind Quayle is the records officer and
//! Kit Duffy the administrator.

mod cast;
mod friday;
mod monday;
mod second_friday;
mod second_monday;
mod second_thursday;
mod second_tuesday;
mod second_wednesday;
mod thursday;
mod tuesday;
mod wednesday;

use cast::Fortnight;

#[test]
fn a_practice_lives_through_its_first_ten_days() {
    let story = Fortnight::begin();

    let edith = monday::nothing_is_sent_to_a_practice_that_is_not_ready(&story);
    monday::a_council_without_a_desk_is_told(&story);
    let waiting = monday::the_inbox_says_whom_to_ring_first(&story, edith);
    let nora = monday::the_immediate_one_is_answered_within_the_hour(&story, &waiting);

    let ivor = tuesday::a_decline_is_undone_by_the_manager(&story, &waiting.ivor);
    let edith = tuesday::a_referral_is_accepted_onto_the_wrong_record_and_undone(&story, &waiting.edith);
    let arthur = tuesday::what_the_message_says_is_settled_field_by_field(&story, &waiting.arthur);

    wednesday::after_an_hour_an_answer_stands(&story, &ivor);
    wednesday::a_case_is_closed_on_a_ground_for_closing_and_by_those_who_work_on_it(&story, &edith);
    wednesday::an_event_closes_a_case_on_evidence_alone(&story, &ivor);
    wednesday::a_note_in_the_wrong_record_is_struck_through(&story, &nora);

    thursday::a_telephone_loses_its_token_in_a_lift(&story);
    let carys = thursday::a_waiting_referral_is_closed_to_all_but_a_screener(&story);
    thursday::somebody_on_duty_breaks_the_glass(&story, &carys);

    friday::the_broken_glass_and_the_restriction_are_looked_at(&story, &carys);
    let ward = friday::a_ward_discharges_somebody_at_twenty_to_five(&story);
    let harold = friday::an_urgent_one_is_sent_at_a_quarter_to_five(&story);

    second_monday::the_ward_is_rung_before_the_time_that_was_promised(&story, &ward);
    second_monday::the_manager_goes_away_and_somebody_acts_for_them(&story, &nora, &carys);
    second_monday::the_urgent_one_that_nobody_answered_rings(&story, &harold);

    second_tuesday::the_council_is_given_a_tenth_of_november_to_confirm(&story, &ivor);
    second_tuesday::a_lost_telephone_is_confirmed_while_all_who_could_are_away(&story);
    second_tuesday::the_acting_manager_closes_a_case(&story, &nora);

    second_wednesday::the_urgent_one_comes_back_and_is_sent_elsewhere(&story, &harold);
    second_wednesday::a_carer_in_another_area_and_a_prisoner_are_accepted(&story);
    let again = second_wednesday::the_council_is_told_of_a_second_open_case(&story, &arthur, &waiting.arthur);
    second_wednesday::nobody_leaves_with_open_work(&story, &arthur);

    second_thursday::the_leavers_work_is_moved(&story, &arthur);
    second_thursday::a_request_that_nobody_is_left_to_sign_is_taken_back(&story, &again);

    second_friday::whoever_has_left_is_still_named(&story, &arthur);
    second_friday::a_person_asks_who_read_their_record(&story, &carys);
    second_friday::the_ward_sends_again_and_somebody_is_there_on_saturday(&story);
    second_friday::what_had_an_end_ended_with_the_week(&story, &nora);
}
