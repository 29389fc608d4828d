//! The tables, as the migrations make them. Written by `make schema`, and held to the database by a test.

diesel::table! {
    absences (practice_id, staff_id) {
        practice_id -> Uuid,
        staff_id -> Uuid,
        first_day -> Date,
        last_day -> Date,
        stand_in_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    account_memberships (account_id, practice_id) {
        account_id -> Uuid,
        practice_id -> Uuid,
        staff_id -> Uuid,
        confirmed -> Bool,
        ends_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    account_offices (account_id, council_id) {
        account_id -> Uuid,
        council_id -> Uuid,
        officer_id -> Uuid,
        confirmed -> Bool,
        ends_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    accounts (account_id) {
        account_id -> Uuid,
        email -> Text,
        name -> Text,
        password_hash -> Text,
        totp_secret -> Nullable<Bytea>,
        totp_pending -> Nullable<Bytea>,
        totp_last_step -> Nullable<Int8>,
        operator -> Bool,
        invited_by -> Array<Uuid>,
        disabled_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    allocations (practice_id, allocation_id) {
        practice_id -> Uuid,
        allocation_id -> Uuid,
        case_id -> Uuid,
        service_user_id -> Uuid,
        access_restricted -> Bool,
        team_id -> Uuid,
        staff_id -> Uuid,
        allocated_by -> Uuid,
        reason -> Bytea,
        starts_at -> Timestamptz,
        ends_at -> Nullable<Timestamptz>,
        closing_agreed_by -> Nullable<Uuid>,
        closing_agreed_ground -> Nullable<Text>,
        ground -> Nullable<Text>,
    }
}

diesel::table! {
    audit_chain_heads (owner_id, chain) {
        owner_id -> Uuid,
        chain -> Text,
        number -> Int8,
        hash -> Bytea,
    }
}

diesel::table! {
    audit_events (owner_id, event_id) {
        owner_id -> Uuid,
        event_id -> Uuid,
        chain -> Text,
        at -> Timestamptz,
        door -> Text,
        actor_id -> Nullable<Uuid>,
        roles -> Array<Text>,
        client_id -> Nullable<Uuid>,
        session_id -> Nullable<Uuid>,
        from_address -> Nullable<Text>,
        action -> Text,
        subject_id -> Nullable<Uuid>,
        service_user_id -> Nullable<Uuid>,
        request_id -> Uuid,
        reason -> Nullable<Bytea>,
        outcome -> Text,
        number -> Nullable<Int8>,
        hash -> Nullable<Bytea>,
        sealed -> Bool,
    }
}

diesel::table! {
    bank_holidays (bank_holiday_id) {
        bank_holiday_id -> Uuid,
        day -> Date,
        title -> Text,
        added_at -> Nullable<Timestamptz>,
        referral_responses -> Nullable<Int4>,
        human_contacts -> Nullable<Int4>,
        countersignatures -> Nullable<Int4>,
    }
}

diesel::table! {
    break_glass_accesses (practice_id, break_glass_id) {
        practice_id -> Uuid,
        break_glass_id -> Uuid,
        service_user_id -> Uuid,
        staff_id -> Uuid,
        session_id -> Uuid,
        key_id -> Uuid,
        reason -> Bytea,
        opened_at -> Timestamptz,
        expires_at -> Timestamptz,
        reviewers -> Array<Uuid>,
        reviewed_at -> Nullable<Timestamptz>,
        reviewed_by -> Nullable<Uuid>,
        finding -> Nullable<Text>,
        review -> Nullable<Bytea>,
        version -> Int4,
    }
}

diesel::table! {
    calendar_years (year) {
        year -> Int4,
    }
}

diesel::table! {
    case_events (practice_id, event_id) {
        practice_id -> Uuid,
        event_id -> Uuid,
        case_id -> Uuid,
        service_user_id -> Uuid,
        access_restricted -> Bool,
        team_id -> Uuid,
        kind -> Text,
        at -> Timestamptz,
        staff_id -> Nullable<Uuid>,
        subject_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    case_notes (practice_id, note_id) {
        practice_id -> Uuid,
        note_id -> Uuid,
        case_id -> Nullable<Uuid>,
        service_user_id -> Uuid,
        access_restricted -> Bool,
        team_id -> Uuid,
        written_together -> Nullable<Uuid>,
        adds_to -> Nullable<Uuid>,
        status -> Text,
        author_id -> Uuid,
        kind -> Text,
        happened_at -> Timestamptz,
        written_at -> Timestamptz,
        text -> Bytea,
        in_error_at -> Nullable<Timestamptz>,
        in_error_by -> Nullable<Uuid>,
        in_error_reason -> Nullable<Bytea>,
        version -> Int4,
    }
}

diesel::table! {
    cases (practice_id, case_id) {
        practice_id -> Uuid,
        case_id -> Uuid,
        service_user_id -> Uuid,
        access_restricted -> Bool,
        team_id -> Uuid,
        council_id -> Uuid,
        delegation_id -> Nullable<Uuid>,
        referral_id -> Nullable<Uuid>,
        function -> Text,
        priority -> Text,
        status -> Text,
        opened_at -> Timestamptz,
        opened_by -> Uuid,
        changed_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
        ground -> Nullable<Text>,
        outcome -> Nullable<Text>,
        version -> Int4,
    }
}

diesel::table! {
    client_assertions (client_id, jti_hash) {
        client_id -> Uuid,
        jti_hash -> Bytea,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    client_secrets (client_id, secret_id) {
        client_id -> Uuid,
        secret_id -> Uuid,
        hash -> Bytea,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    clients (client_id) {
        client_id -> Uuid,
        kind -> Text,
        council_id -> Nullable<Uuid>,
        name -> Text,
        scopes -> Array<Text>,
        disabled_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        jwks -> Nullable<Text>,
        allowed_addresses -> Array<Text>,
        token_generation -> Int4,
        run_by -> Nullable<Text>,
        controlled_by -> Array<Text>,
        website -> Nullable<Text>,
        version -> Int4,
    }
}

diesel::table! {
    complaint_acknowledgements (council_id, complaint_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        given_by -> Text,
    }
}

diesel::table! {
    complaint_actions (council_id, complaint_id, action_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        action_id -> Uuid,
        key_id -> Uuid,
        content -> Bytea,
        for_ombudsman -> Bool,
        stream -> Nullable<Text>,
        consented_on -> Nullable<Date>,
        assignment_id -> Nullable<Uuid>,
        due_on -> Date,
        done_on -> Nullable<Date>,
        done -> Nullable<Bytea>,
    }
}

diesel::table! {
    complaint_answers (council_id, complaint_id, answer_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        answer_id -> Uuid,
        assignment_id -> Uuid,
        key_id -> Uuid,
        written_at -> Timestamptz,
        text -> Bytea,
    }
}

diesel::table! {
    complaint_assignments (council_id, complaint_id, assignment_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        assignment_id -> Uuid,
        officer_id -> Nullable<Uuid>,
        guest_id -> Nullable<Uuid>,
        view -> Text,
        opens_at -> Timestamptz,
        key_id -> Uuid,
        reason -> Nullable<Bytea>,
        assigned_by -> Uuid,
        assigned_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        ended_because -> Nullable<Text>,
        told_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    complaint_concerns (council_id, complaint_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        confirm_by -> Date,
    }
}

diesel::table! {
    complaint_decisions (council_id, complaint_id, decision_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        decision_id -> Uuid,
        kind -> Text,
        officer_id -> Uuid,
        decided_at -> Timestamptz,
    }
}

diesel::table! {
    complaint_documents (council_id, document_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        document_id -> Uuid,
        author -> Text,
        officer_id -> Nullable<Uuid>,
        guest_id -> Nullable<Uuid>,
        kind -> Text,
        size -> Int8,
        key_id -> Uuid,
        details -> Bytea,
        object_id -> Uuid,
        content_key -> Nullable<Bytea>,
        status -> Text,
        sent_at -> Timestamptz,
        scanned_at -> Nullable<Timestamptz>,
        passed_on_at -> Nullable<Timestamptz>,
        names -> Array<Uuid>,
    }
}

diesel::table! {
    complaint_escalations (council_id, complaint_id, clock, due_on) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        clock -> Text,
        due_on -> Date,
        escalated_at -> Timestamptz,
    }
}

diesel::table! {
    complaint_heads (council_id, complaint_id, head_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        head_id -> Uuid,
        key_id -> Uuid,
        statement -> Bytea,
        about -> Text,
        theme -> Text,
        finding -> Nullable<Bytea>,
        outcome -> Nullable<Text>,
        hold -> Nullable<Bytea>,
        held_until -> Nullable<Date>,
        raised_at -> Timestamptz,
    }
}

diesel::table! {
    complaint_hearings (council_id, complaint_id, hearing_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        hearing_id -> Uuid,
        assignment_id -> Uuid,
        head_id -> Uuid,
        key_id -> Uuid,
        statement -> Bytea,
        answer_by -> Date,
    }
}

diesel::table! {
    complaint_intakes (council_id, complaint_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        came_by -> Text,
        taken_down_by -> Nullable<Uuid>,
        key_id -> Uuid,
        record -> Nullable<Bytea>,
        given_by -> Nullable<Text>,
        given_on -> Nullable<Date>,
        reached_on -> Nullable<Date>,
        written_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    complaint_interests (council_id, officer_id, interest_id) {
        council_id -> Uuid,
        officer_id -> Uuid,
        interest_id -> Uuid,
        practice_id -> Nullable<Uuid>,
        name -> Nullable<Bytea>,
        declared_at -> Timestamptz,
        withdrawn_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    complaint_limits (council_id, complaint_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        key_id -> Uuid,
        content -> Bytea,
        until -> Date,
    }
}

diesel::table! {
    complaint_link_proposals (council_id, complaint_id, proposal_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        proposal_id -> Uuid,
        reference -> Text,
        from_id -> Nullable<Uuid>,
        proposed_by -> Text,
        proposed_at -> Timestamptz,
        answered_by -> Nullable<Uuid>,
        agreed -> Nullable<Bool>,
    }
}

diesel::table! {
    complaint_links (council_id, complaint_id, other_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        other_id -> Uuid,
        other_reference -> Text,
        agreed -> Bool,
    }
}

diesel::table! {
    complaint_messages (council_id, complaint_id, message_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        message_id -> Uuid,
        author -> Text,
        officer_id -> Nullable<Uuid>,
        guest_id -> Nullable<Uuid>,
        written_at -> Timestamptz,
        text -> Bytea,
        passed_on_at -> Nullable<Timestamptz>,
        names -> Array<Uuid>,
        in_writing -> Bool,
        given_by -> Nullable<Text>,
        given_on -> Nullable<Date>,
    }
}

diesel::table! {
    complaint_notices (council_id, complaint_id, assignment_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        assignment_id -> Uuid,
        key_id -> Uuid,
        notice -> Bytea,
    }
}

diesel::table! {
    complaint_objections (council_id, complaint_id, assignment_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        assignment_id -> Uuid,
        objected_at -> Timestamptz,
        nobody_left_since -> Nullable<Timestamptz>,
        kept_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    complaint_offers (council_id, complaint_id, offer_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        offer_id -> Uuid,
        officer_id -> Uuid,
        asked_as -> Text,
        practice_id -> Nullable<Uuid>,
        key_id -> Uuid,
        concerned -> Bytea,
        offered_at -> Timestamptz,
        open_by -> Date,
        ended_at -> Nullable<Timestamptz>,
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    complaint_ombudsman (council_id, complaint_id, entry_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        entry_id -> Uuid,
        key_id -> Uuid,
        asked_on -> Date,
        content -> Bytea,
        decision -> Nullable<Text>,
        decided_on -> Nullable<Date>,
        officer_id -> Nullable<Uuid>,
        guest_id -> Nullable<Uuid>,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    complaint_periods (council_id, complaint_id, period_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        period_id -> Uuid,
        key_id -> Uuid,
        origin -> Text,
        handling -> Nullable<Bytea>,
        respond_by -> Date,
        before -> Date,
        officer_id -> Nullable<Uuid>,
        guest_id -> Nullable<Uuid>,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    complaint_receipts (council_id, complaint_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        client_id -> Nullable<Uuid>,
        reference -> Text,
        code_hash -> Bytea,
        desk_key -> Nullable<Bytea>,
        received_at -> Timestamptz,
        acknowledgement_due_on -> Date,
        response_latest_on -> Date,
        danger -> Bool,
        councils -> Array<Uuid>,
        code_due_on -> Nullable<Date>,
    }
}

diesel::table! {
    complaint_record_openings (council_id, complaint_id, opening_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        opening_id -> Uuid,
        practice_id -> Uuid,
        service_user_id -> Uuid,
        from_on -> Date,
        until_on -> Date,
        for_guests -> Bool,
        told -> Bool,
        key_id -> Uuid,
        reason -> Bytea,
        opened_by -> Uuid,
        opened_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    complaint_representative_checks (council_id, complaint_id, check_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        check_id -> Uuid,
        key_id -> Uuid,
        content -> Bytea,
        checked_on -> Date,
        outcome -> Text,
        officer_id -> Nullable<Uuid>,
        guest_id -> Nullable<Uuid>,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    complaint_requests (council_id, complaint_id, request_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        request_id -> Uuid,
        key_id -> Uuid,
        kind -> Text,
        content -> Bytea,
        author -> Text,
        names -> Array<Uuid>,
        made_at -> Timestamptz,
        decide_by -> Date,
        decided_at -> Nullable<Timestamptz>,
        decided_by -> Nullable<Uuid>,
        confirmed -> Nullable<Bool>,
        decision -> Nullable<Bytea>,
    }
}

diesel::table! {
    complaint_responses (council_id, complaint_id, response_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        response_id -> Uuid,
        key_id -> Uuid,
        draft -> Bytea,
        letter -> Nullable<Bytea>,
        signed_by -> Nullable<Uuid>,
        signed_at -> Nullable<Timestamptz>,
        outcome -> Nullable<Text>,
        sent_by -> Nullable<Text>,
        sent_on -> Nullable<Date>,
        due_on -> Nullable<Date>,
    }
}

diesel::table! {
    complaint_signatories (council_id, officer_id) {
        council_id -> Uuid,
        officer_id -> Uuid,
        authorised_by -> Uuid,
        authorised_at -> Timestamptz,
    }
}

diesel::table! {
    complaint_timeliness (council_id, complaint_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        key_id -> Uuid,
        content -> Bytea,
    }
}

diesel::table! {
    complaint_unsealings (council_id, complaint_id, unsealing_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        unsealing_id -> Uuid,
        officer_id -> Nullable<Uuid>,
        guest_id -> Nullable<Uuid>,
        reason -> Bytea,
        unsealed_at -> Timestamptz,
        ends_at -> Timestamptz,
    }
}

diesel::table! {
    complaints (council_id, complaint_id) {
        council_id -> Uuid,
        complaint_id -> Uuid,
        way -> Text,
        practice_id -> Nullable<Uuid>,
        about_council -> Bool,
        service_user_id -> Nullable<Uuid>,
        status -> Text,
        key_id -> Uuid,
        content -> Bytea,
        complainant -> Bytea,
        confidential -> Bool,
        received_at -> Timestamptz,
        acknowledgement_due_on -> Date,
        plan_due_on -> Date,
        response_due_on -> Date,
        response_latest_on -> Date,
        opened_at -> Nullable<Timestamptz>,
        acknowledged_at -> Nullable<Timestamptz>,
        handling -> Nullable<Bytea>,
        period -> Nullable<Text>,
        risk -> Nullable<Text>,
        progress_due_on -> Nullable<Date>,
        delay_explained_at -> Nullable<Timestamptz>,
        answered_at -> Nullable<Timestamptz>,
        outcome -> Nullable<Text>,
        exclusion -> Nullable<Text>,
        closed_at -> Nullable<Timestamptz>,
        learning -> Nullable<Bytea>,
        reopened_at -> Nullable<Timestamptz>,
        last_worked_at -> Timestamptz,
        last_followed_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

diesel::table! {
    confirmations (council_id, confirmation_id) {
        council_id -> Uuid,
        confirmation_id -> Uuid,
        practice_id -> Uuid,
        action -> Text,
        ground -> Text,
        case_id -> Uuid,
        council_request_id -> Nullable<Uuid>,
        function -> Text,
        done_on -> Date,
        instruction_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    contracts (council_id, contract_id) {
        council_id -> Uuid,
        contract_id -> Uuid,
        practice_id -> Uuid,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
        response_working_days -> Int4,
        urgent_response_working_days -> Int4,
        complaint_response_working_days -> Int4,
        immediate_minutes -> Int4,
        urgent_minutes -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    council_documents (council_id, document_id) {
        council_id -> Uuid,
        document_id -> Uuid,
        council_request_id -> Uuid,
        first_id -> Uuid,
        number -> Int4,
        kind -> Text,
        size -> Int8,
        key_id -> Uuid,
        details -> Bytea,
        object_id -> Uuid,
        content_key -> Nullable<Bytea>,
        status -> Text,
        client_id -> Uuid,
        sent_at -> Timestamptz,
        scanned_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    council_instructions (council_id, instruction_id) {
        council_id -> Uuid,
        instruction_id -> Uuid,
        kind -> Text,
        status -> Text,
        council_request_id -> Uuid,
        practice_id -> Uuid,
        case_id -> Uuid,
        service_user_id -> Uuid,
        access_restricted -> Bool,
        team_id -> Uuid,
        key_id -> Uuid,
        words -> Bytea,
        practice_key_id -> Uuid,
        practice_words -> Bytea,
        given_at -> Timestamptz,
        followed_at -> Nullable<Timestamptz>,
        withdrawn_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

diesel::table! {
    council_requests (council_id, council_request_id) {
        council_id -> Uuid,
        council_request_id -> Uuid,
        council_reference -> Text,
        client_id -> Uuid,
        fingerprint -> Bytea,
        person_token -> Bytea,
        nhs_number_token -> Nullable<Bytea>,
        status -> Text,
        function -> Text,
        urgency -> Text,
        key_id -> Uuid,
        message -> Bytea,
        received_at -> Timestamptz,
        changed_at -> Timestamptz,
        strategy -> Text,
        explanation -> Text,
        practice_id -> Nullable<Uuid>,
        contract_id -> Nullable<Uuid>,
        referral_id -> Nullable<Uuid>,
        routed_at -> Timestamptz,
        response_due_on -> Nullable<Date>,
        human_contact_due_at -> Nullable<Timestamptz>,
        human_contact_missed_at -> Nullable<Timestamptz>,
        decided_at -> Nullable<Timestamptz>,
        decline_reason -> Nullable<Text>,
        record_differs_in -> Array<Text>,
        outcome -> Nullable<Text>,
        closed_on -> Nullable<Date>,
        version -> Int4,
    }
}

diesel::table! {
    councils (council_id) {
        council_id -> Uuid,
        gss_code -> Text,
        name -> Text,
        emergency_duty_phone -> Text,
        starts_on -> Date,
        version -> Int4,
        created_at -> Timestamptz,
        complaints_unread_since -> Nullable<Timestamptz>,
        complaints_address -> Nullable<Text>,
        complaints_phone -> Nullable<Text>,
        complaints_email -> Nullable<Text>,
        complaints_website -> Nullable<Text>,
        complaints_advocacy -> Nullable<Text>,
    }
}

diesel::table! {
    countersignatures (practice_id, countersignature_id) {
        practice_id -> Uuid,
        countersignature_id -> Uuid,
        action -> Text,
        case_id -> Nullable<Uuid>,
        service_user_id -> Uuid,
        access_restricted -> Bool,
        team_id -> Uuid,
        purpose -> Text,
        status -> Text,
        asked_by -> Uuid,
        asked_at -> Timestamptz,
        ground -> Text,
        reason -> Bytea,
        outcome -> Nullable<Text>,
        moved_from -> Nullable<Uuid>,
        moved_to -> Nullable<Uuid>,
        restriction -> Nullable<Bytea>,
        restriction_before -> Nullable<Bytea>,
        warning_note_id -> Nullable<Uuid>,
        warning -> Nullable<Bytea>,
        signatory_id -> Nullable<Uuid>,
        passed_over -> Array<Uuid>,
        due_on -> Date,
        counted_from -> Date,
        decided_at -> Nullable<Timestamptz>,
        answer -> Nullable<Bytea>,
        version -> Int4,
    }
}

diesel::table! {
    delegations (council_id, delegation_id) {
        council_id -> Uuid,
        delegation_id -> Uuid,
        contract_id -> Uuid,
        practice_id -> Uuid,
        function -> Text,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
    }
}

diesel::table! {
    document_days (owner_id) {
        owner_id -> Uuid,
        day -> Date,
        bytes -> Int8,
    }
}

diesel::table! {
    documents (practice_id, document_id) {
        practice_id -> Uuid,
        document_id -> Uuid,
        service_user_id -> Nullable<Uuid>,
        access_restricted -> Bool,
        team_id -> Uuid,
        case_id -> Nullable<Uuid>,
        referral_id -> Nullable<Uuid>,
        about_id -> Nullable<Uuid>,
        referral_status -> Nullable<Text>,
        open_to -> Nullable<Array<Uuid>>,
        council_id -> Nullable<Uuid>,
        council_document_id -> Nullable<Uuid>,
        first_id -> Uuid,
        number -> Int4,
        kind -> Text,
        size -> Int8,
        key_id -> Uuid,
        details -> Bytea,
        object_id -> Uuid,
        content_key -> Nullable<Bytea>,
        status -> Text,
        sent_by -> Nullable<Uuid>,
        sent_at -> Timestamptz,
        scanned_at -> Nullable<Timestamptz>,
        erased_at -> Nullable<Timestamptz>,
        erased_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    erasure_requests (practice_id, request_id) {
        practice_id -> Uuid,
        request_id -> Uuid,
        council_id -> Uuid,
        document_id -> Uuid,
        case_id -> Nullable<Uuid>,
        council_request_id -> Nullable<Uuid>,
        status -> Text,
        asked_by -> Uuid,
        asked_at -> Timestamptz,
        key_id -> Uuid,
        reason -> Bytea,
        asked -> Bytea,
        decided_at -> Nullable<Timestamptz>,
        answer -> Nullable<Bytea>,
        practice_answer -> Nullable<Bytea>,
        version -> Int4,
    }
}

diesel::table! {
    exclusions (practice_id, service_user_id, staff_id) {
        practice_id -> Uuid,
        service_user_id -> Uuid,
        access_restricted -> Bool,
        team_id -> Uuid,
        staff_id -> Uuid,
        reason -> Bytea,
        set_by -> Uuid,
        set_at -> Timestamptz,
    }
}

diesel::table! {
    feed_heads (owner_id, feed) {
        owner_id -> Uuid,
        feed -> Text,
        number -> Int8,
        removed -> Int8,
    }
}

diesel::table! {
    feed_positions (council_id, client_id) {
        council_id -> Uuid,
        client_id -> Uuid,
        number -> Int8,
        kept_at -> Timestamptz,
    }
}

diesel::table! {
    former_council_details (council_id, former_id) {
        council_id -> Uuid,
        former_id -> Uuid,
        starts_on -> Date,
        replaced_on -> Date,
        gss_code -> Text,
        name -> Text,
        emergency_duty_phone -> Text,
        code_in_use -> Bool,
    }
}

diesel::table! {
    former_lines (practice_id, staff_id, version) {
        practice_id -> Uuid,
        staff_id -> Uuid,
        version -> Int4,
        line_manager_id -> Nullable<Uuid>,
        deputy_for_id -> Nullable<Uuid>,
        acting_for_id -> Nullable<Uuid>,
        owner -> Bool,
        until -> Timestamptz,
    }
}

diesel::table! {
    guests (council_id, guest_id) {
        council_id -> Uuid,
        guest_id -> Uuid,
        account_id -> Nullable<Uuid>,
        capacity -> Text,
        complaint_id -> Nullable<Uuid>,
        practice_id -> Nullable<Uuid>,
        name -> Text,
        email -> Text,
        invited_by -> Array<Uuid>,
        created_at -> Timestamptz,
        joined_at -> Nullable<Timestamptz>,
        unconfirmed_at -> Nullable<Timestamptz>,
        opened_by -> Array<Uuid>,
        ended_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

diesel::table! {
    idempotency_claims (owner_id, claimant_id, key_hash) {
        owner_id -> Uuid,
        claimant_id -> Uuid,
        key_hash -> Bytea,
        fingerprint -> Bytea,
        resource_id -> Nullable<Uuid>,
        secret -> Nullable<Bytea>,
        claimed_at -> Timestamptz,
    }
}

diesel::table! {
    identity_providers (owner_id) {
        owner_id -> Uuid,
        issuer -> Nullable<Text>,
        client_id -> Nullable<Text>,
        client_secret -> Nullable<Bytea>,
        authorization_endpoint -> Nullable<Text>,
        redirect_uris -> Array<Text>,
        required -> Bool,
        trusts_second_factor -> Bool,
        accepted_acr_values -> Array<Text>,
        set_by -> Uuid,
        changed_at -> Timestamptz,
        version -> Int4,
    }
}

diesel::table! {
    invitations (invitation_id) {
        invitation_id -> Uuid,
        purpose -> Text,
        practice_id -> Nullable<Uuid>,
        staff_id -> Nullable<Uuid>,
        council_id -> Nullable<Uuid>,
        officer_id -> Nullable<Uuid>,
        guest_id -> Nullable<Uuid>,
        account_id -> Nullable<Uuid>,
        drawn_by -> Uuid,
        email -> Text,
        name -> Text,
        token_hash -> Bytea,
        totp_secret -> Nullable<Bytea>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    jobs (owner_id, job_id) {
        owner_id -> Uuid,
        job_id -> Uuid,
        kind -> Text,
        subject_id -> Uuid,
        due_at -> Timestamptz,
        done_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    linked_identities (owner_id, identity_id) {
        owner_id -> Uuid,
        identity_id -> Uuid,
        account_id -> Uuid,
        issuer -> Text,
        subject -> Text,
        linked_at -> Timestamptz,
    }
}

diesel::table! {
    notices (practice_id, notice_id) {
        practice_id -> Uuid,
        notice_id -> Uuid,
        recipient_id -> Uuid,
        kind -> Text,
        subject_id -> Uuid,
        service_user_id -> Nullable<Uuid>,
        at -> Timestamptz,
        read_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    officers (council_id, officer_id) {
        council_id -> Uuid,
        officer_id -> Uuid,
        account_id -> Nullable<Uuid>,
        name -> Text,
        email -> Text,
        roles -> Array<Text>,
        unconfirmed_roles -> Array<Text>,
        invited_by -> Array<Uuid>,
        joined_at -> Nullable<Timestamptz>,
        unconfirmed_at -> Nullable<Timestamptz>,
        opened_by -> Array<Uuid>,
        opened_at -> Timestamptz,
        operator_confirmed_by -> Nullable<Uuid>,
        confirmed_at -> Nullable<Timestamptz>,
        absent_from -> Nullable<Date>,
        absent_until -> Nullable<Date>,
        stand_in_id -> Nullable<Uuid>,
        complaints_signed_in_at -> Nullable<Timestamptz>,
        access_ends_at -> Nullable<Timestamptz>,
        replaced_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        version -> Int4,
    }
}

diesel::table! {
    onboarding_items (practice_id, item) {
        practice_id -> Uuid,
        item -> Text,
        done_on -> Date,
        expires_on -> Nullable<Date>,
        evidence -> Text,
        recorded_by -> Nullable<Uuid>,
        recorded_at -> Timestamptz,
        version -> Int4,
    }
}

diesel::table! {
    opening_hours (practice_id) {
        practice_id -> Uuid,
        hours -> Text,
        changed_at -> Timestamptz,
        version -> Int4,
    }
}

diesel::table! {
    outbox (owner_id, event_id) {
        owner_id -> Uuid,
        event_id -> Uuid,
        recipient_id -> Uuid,
        feed -> Text,
        kind -> Text,
        subject_id -> Uuid,
        at -> Timestamptz,
        number -> Nullable<Int8>,
    }
}

diesel::table! {
    outside_requests (practice_id, countersignature_id) {
        practice_id -> Uuid,
        countersignature_id -> Uuid,
        purpose -> Text,
        waiting_since -> Timestamptz,
    }
}

diesel::table! {
    person_facts (practice_id, fact_id) {
        practice_id -> Uuid,
        fact_id -> Uuid,
        service_user_id -> Uuid,
        access_restricted -> Bool,
        team_id -> Uuid,
        kind -> Text,
        value -> Bytea,
        source -> Text,
        referral_id -> Nullable<Uuid>,
        holds_from -> Date,
        recorded_by -> Uuid,
        recorded_at -> Timestamptz,
        ended_by -> Nullable<Uuid>,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    practice_capacity (practice_id) {
        practice_id -> Uuid,
        reserved -> Int4,
    }
}

diesel::table! {
    practice_districts (practice_id, district) {
        practice_id -> Uuid,
        district -> Text,
    }
}

diesel::table! {
    practice_learning (practice_id, learning_id) {
        practice_id -> Uuid,
        learning_id -> Uuid,
        council_id -> Uuid,
        content -> Bytea,
        released_by -> Uuid,
        released_at -> Timestamptz,
    }
}

diesel::table! {
    practices (practice_id) {
        practice_id -> Uuid,
        slug -> Text,
        name -> Text,
        capacity -> Int4,
        complaints_procedure -> Text,
        advocacy -> Text,
        version -> Int4,
        created_at -> Timestamptz,
        suspended_at -> Nullable<Timestamptz>,
        suspension_reason -> Nullable<Text>,
    }
}

diesel::table! {
    recovery_codes (account_id, code_hash) {
        account_id -> Uuid,
        code_hash -> Bytea,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    referrals (practice_id, referral_id) {
        practice_id -> Uuid,
        referral_id -> Uuid,
        council_id -> Uuid,
        council_request_id -> Uuid,
        contract_id -> Uuid,
        service_user_id -> Nullable<Uuid>,
        access_restricted -> Bool,
        team_id -> Uuid,
        open_to -> Nullable<Array<Uuid>>,
        restriction_reason -> Nullable<Bytea>,
        status -> Text,
        function -> Text,
        urgency -> Text,
        key_id -> Uuid,
        message -> Bytea,
        received_at -> Timestamptz,
        changed_at -> Timestamptz,
        response_due_on -> Date,
        response_counted_from -> Nullable<Date>,
        human_contact_due_at -> Nullable<Timestamptz>,
        home_on -> Nullable<Date>,
        inbox_place -> Int2,
        due_at -> Timestamptz,
        decided_at -> Nullable<Timestamptz>,
        decided_by -> Nullable<Uuid>,
        decline_reason -> Nullable<Text>,
        decline_note -> Nullable<Bytea>,
        case_id -> Nullable<Uuid>,
        birth_contradicts -> Nullable<Uuid>,
        mismatch -> Nullable<Bytea>,
        record_effect -> Nullable<Text>,
        version -> Int4,
    }
}

diesel::table! {
    refresh_tokens (account_id, token_hash) {
        account_id -> Uuid,
        token_hash -> Bytea,
        session_id -> Uuid,
        issued_at -> Timestamptz,
        replaced_at -> Nullable<Timestamptz>,
        successor -> Nullable<Bytea>,
    }
}

diesel::table! {
    registrations (practice_id, staff_id) {
        practice_id -> Uuid,
        staff_id -> Uuid,
        number -> Text,
        status -> Text,
        annotations -> Array<Text>,
        checked_on -> Date,
        registration_ends_on -> Nullable<Date>,
        checked_by -> Uuid,
        version -> Int4,
    }
}

diesel::table! {
    relationships (practice_id, relationship_id) {
        practice_id -> Uuid,
        relationship_id -> Uuid,
        service_user_id -> Uuid,
        access_restricted -> Bool,
        team_id -> Uuid,
        other_service_user_id -> Nullable<Uuid>,
        other_access_restricted -> Nullable<Bool>,
        other_team_id -> Nullable<Uuid>,
        key_id -> Uuid,
        content -> Bytea,
        referral_id -> Nullable<Uuid>,
        written_by -> Uuid,
        written_at -> Timestamptz,
        ended_because -> Nullable<Text>,
        ended_on -> Nullable<Date>,
        ended_by -> Nullable<Uuid>,
        ended_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

diesel::table! {
    reorganisations (reorganisation_id) {
        reorganisation_id -> Uuid,
        title -> Text,
        takes_effect_on -> Date,
        entered_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

diesel::table! {
    reorganised_codes (reorganisation_id, code) {
        reorganisation_id -> Uuid,
        code -> Text,
        fate -> Text,
        name -> Text,
    }
}

diesel::table! {
    restriction_staff (practice_id, service_user_id, staff_id) {
        practice_id -> Uuid,
        service_user_id -> Uuid,
        access_restricted -> Bool,
        team_id -> Uuid,
        staff_id -> Uuid,
    }
}

diesel::table! {
    restrictions (practice_id, service_user_id) {
        practice_id -> Uuid,
        service_user_id -> Uuid,
        access_restricted -> Bool,
        team_id -> Uuid,
        reason -> Bytea,
        ground -> Text,
        review_on -> Date,
        set_by -> Uuid,
        set_at -> Timestamptz,
    }
}

diesel::table! {
    revoked_tokens (client_id, jti) {
        client_id -> Uuid,
        jti -> Uuid,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    safeguarding_alerts (council_id, alert_id) {
        council_id -> Uuid,
        alert_id -> Uuid,
        danger_now -> Text,
        nhs_number_token -> Nullable<Bytea>,
        content -> Bytea,
        raised_at -> Timestamptz,
        taken_by -> Nullable<Uuid>,
        taken_at -> Nullable<Timestamptz>,
        done -> Nullable<Bytea>,
    }
}

diesel::table! {
    sealing_keys (owner_id, key_id) {
        owner_id -> Uuid,
        key_id -> Uuid,
        version -> Int4,
        wrapped -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    search_tokens (practice_id, token, service_user_id) {
        practice_id -> Uuid,
        token -> Bytea,
        service_user_id -> Uuid,
        access_restricted -> Bool,
        team_id -> Uuid,
    }
}

diesel::table! {
    service_users (practice_id, service_user_id) {
        practice_id -> Uuid,
        service_user_id -> Uuid,
        access_restricted -> Bool,
        team_id -> Uuid,
        key_id -> Uuid,
        details -> Bytea,
        from_referrals -> Nullable<Bytea>,
        version -> Int4,
        created_at -> Timestamptz,
        changed_at -> Timestamptz,
        restricted -> Bool,
        warnings -> Nullable<Bytea>,
    }
}

diesel::table! {
    sessions (account_id, session_id) {
        account_id -> Uuid,
        session_id -> Uuid,
        practice_id -> Nullable<Uuid>,
        staff_id -> Nullable<Uuid>,
        council_id -> Nullable<Uuid>,
        officer_id -> Nullable<Uuid>,
        guest_id -> Nullable<Uuid>,
        for_complaints -> Bool,
        by_provider -> Bool,
        from_address -> Nullable<Text>,
        created_at -> Timestamptz,
        authenticated_at -> Timestamptz,
        renewed_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        ended_because -> Nullable<Text>,
    }
}

diesel::table! {
    sign_on_attempts (owner_id, attempt_id) {
        owner_id -> Uuid,
        attempt_id -> Uuid,
        state_hash -> Bytea,
        secrets -> Bytea,
        account_id -> Nullable<Uuid>,
        redirect_uri -> Text,
        provider_version -> Int4,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    signing_keys (kid) {
        kid -> Uuid,
        private_key -> Bytea,
        created_at -> Timestamptz,
        active_from -> Timestamptz,
        retires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    staff (practice_id, staff_id) {
        practice_id -> Uuid,
        staff_id -> Uuid,
        account_id -> Nullable<Uuid>,
        invited_by -> Array<Uuid>,
        joined_at -> Nullable<Timestamptz>,
        founder -> Bool,
        unconfirmed_at -> Nullable<Timestamptz>,
        unconfirmed_roles -> Array<Text>,
        opened_by -> Array<Uuid>,
        opened_at -> Nullable<Timestamptz>,
        operator_confirmed_by -> Nullable<Uuid>,
        owner_confirmed_by -> Nullable<Uuid>,
        confirmed_at -> Nullable<Timestamptz>,
        name -> Text,
        email -> Text,
        roles -> Array<Text>,
        owner -> Bool,
        line_manager_id -> Nullable<Uuid>,
        deputy_for_id -> Nullable<Uuid>,
        social_work_england_number -> Nullable<Text>,
        home_postcode_token -> Nullable<Bytea>,
        created_at -> Timestamptz,
        leaving_since -> Nullable<Timestamptz>,
        access_ends_at -> Nullable<Timestamptz>,
        open_work_told_at -> Nullable<Timestamptz>,
        left_at -> Nullable<Timestamptz>,
        acting_for_id -> Nullable<Uuid>,
        acting_given_by -> Nullable<Uuid>,
        acting_until -> Nullable<Timestamptz>,
        acting_confirmed_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

diesel::table! {
    teams (practice_id, team_id) {
        practice_id -> Uuid,
        team_id -> Uuid,
        name -> Text,
    }
}

diesel::table! {
    upload_pieces (owner_id, caller_id, upload_id, starts_at) {
        owner_id -> Uuid,
        caller_id -> Uuid,
        upload_id -> Uuid,
        starts_at -> Int8,
        size -> Int8,
        object_id -> Uuid,
        content_key -> Bytea,
    }
}

diesel::table! {
    uploads (owner_id, caller_id, upload_id) {
        owner_id -> Uuid,
        caller_id -> Uuid,
        upload_id -> Uuid,
        size -> Int8,
        received -> Int8,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    warning_notes (practice_id, warning_note_id) {
        practice_id -> Uuid,
        warning_note_id -> Uuid,
        service_user_id -> Uuid,
        access_restricted -> Bool,
        team_id -> Uuid,
        key_id -> Uuid,
        status -> Text,
        review_on -> Date,
        content -> Bytea,
        referral_id -> Nullable<Uuid>,
        council_id -> Nullable<Uuid>,
        written_by -> Uuid,
        written_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        acted_by -> Array<Uuid>,
        acted_at -> Timestamptz,
        version -> Int4,
    }
}

diesel::joinable!(account_memberships -> accounts (account_id));
diesel::joinable!(account_offices -> accounts (account_id));
diesel::joinable!(cases -> councils (council_id));
diesel::joinable!(client_assertions -> clients (client_id));
diesel::joinable!(client_secrets -> clients (client_id));
diesel::joinable!(clients -> councils (council_id));
diesel::joinable!(complaint_interests -> practices (practice_id));
diesel::joinable!(complaint_offers -> practices (practice_id));
diesel::joinable!(complaint_receipts -> clients (client_id));
diesel::joinable!(complaint_record_openings -> practices (practice_id));
diesel::joinable!(complaint_signatories -> councils (council_id));
diesel::joinable!(complaints -> councils (council_id));
diesel::joinable!(complaints -> practices (practice_id));
diesel::joinable!(confirmations -> councils (council_id));
diesel::joinable!(confirmations -> practices (practice_id));
diesel::joinable!(contracts -> councils (council_id));
diesel::joinable!(contracts -> practices (practice_id));
diesel::joinable!(council_documents -> clients (client_id));
diesel::joinable!(council_documents -> councils (council_id));
diesel::joinable!(council_instructions -> councils (council_id));
diesel::joinable!(council_instructions -> practices (practice_id));
diesel::joinable!(council_requests -> clients (client_id));
diesel::joinable!(council_requests -> councils (council_id));
diesel::joinable!(council_requests -> practices (practice_id));
diesel::joinable!(erasure_requests -> councils (council_id));
diesel::joinable!(feed_positions -> clients (client_id));
diesel::joinable!(feed_positions -> councils (council_id));
diesel::joinable!(former_council_details -> councils (council_id));
diesel::joinable!(guests -> accounts (account_id));
diesel::joinable!(guests -> councils (council_id));
diesel::joinable!(guests -> practices (practice_id));
diesel::joinable!(invitations -> accounts (account_id));
diesel::joinable!(linked_identities -> accounts (account_id));
diesel::joinable!(officers -> accounts (account_id));
diesel::joinable!(officers -> councils (council_id));
diesel::joinable!(onboarding_items -> practices (practice_id));
diesel::joinable!(opening_hours -> practices (practice_id));
diesel::joinable!(practice_capacity -> practices (practice_id));
diesel::joinable!(practice_districts -> practices (practice_id));
diesel::joinable!(practice_learning -> councils (council_id));
diesel::joinable!(practice_learning -> practices (practice_id));
diesel::joinable!(recovery_codes -> accounts (account_id));
diesel::joinable!(reorganised_codes -> reorganisations (reorganisation_id));
diesel::joinable!(revoked_tokens -> clients (client_id));
diesel::joinable!(safeguarding_alerts -> councils (council_id));
diesel::joinable!(service_users -> practices (practice_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(sign_on_attempts -> accounts (account_id));
diesel::joinable!(staff -> accounts (account_id));
diesel::joinable!(staff -> practices (practice_id));
diesel::joinable!(teams -> practices (practice_id));

diesel::allow_tables_to_appear_in_same_query!(
    absences,
    account_memberships,
    account_offices,
    accounts,
    allocations,
    audit_chain_heads,
    audit_events,
    bank_holidays,
    break_glass_accesses,
    calendar_years,
    case_events,
    case_notes,
    cases,
    client_assertions,
    client_secrets,
    clients,
    complaint_acknowledgements,
    complaint_actions,
    complaint_answers,
    complaint_assignments,
    complaint_concerns,
    complaint_decisions,
    complaint_documents,
    complaint_escalations,
    complaint_heads,
    complaint_hearings,
    complaint_intakes,
    complaint_interests,
    complaint_limits,
    complaint_link_proposals,
    complaint_links,
    complaint_messages,
    complaint_notices,
    complaint_objections,
    complaint_offers,
    complaint_ombudsman,
    complaint_periods,
    complaint_receipts,
    complaint_record_openings,
    complaint_representative_checks,
    complaint_requests,
    complaint_responses,
    complaint_signatories,
    complaint_timeliness,
    complaint_unsealings,
    complaints,
    confirmations,
    contracts,
    council_documents,
    council_instructions,
    council_requests,
    councils,
    countersignatures,
    delegations,
    document_days,
    documents,
    erasure_requests,
    exclusions,
    feed_heads,
    feed_positions,
    former_council_details,
    former_lines,
    guests,
    idempotency_claims,
    identity_providers,
    invitations,
    jobs,
    linked_identities,
    notices,
    officers,
    onboarding_items,
    opening_hours,
    outbox,
    outside_requests,
    person_facts,
    practice_capacity,
    practice_districts,
    practice_learning,
    practices,
    recovery_codes,
    referrals,
    refresh_tokens,
    registrations,
    relationships,
    reorganisations,
    reorganised_codes,
    restriction_staff,
    restrictions,
    revoked_tokens,
    safeguarding_alerts,
    sealing_keys,
    search_tokens,
    service_users,
    sessions,
    sign_on_attempts,
    signing_keys,
    staff,
    teams,
    upload_pieces,
    uploads,
    warning_notes,
);
