"""Backups, media, and what is disposed of."""

from typing import Final

from accesscontrol.messages import N_
from console.evidence.guards.model import Guard, Period, part, whole

_CATALOGUE: Final = "backups/test_catalogue.py::"
_EXPORTS: Final = "backups/test_exports.py::"
_OUTPUT: Final = "backups/media/test_output.py::"
_MEDIA: Final = "backups/media/"
_LEAVING: Final = "output.started output.written output.ended output.settled"

GUARDS: Final[dict[str, Guard]] = {
    "BK-BAK-01": whole(
        N_("Backups are taken and leave from terminals in the server room only."),
        by="backups.duty",
        acts="backup.taken backup.given-up backup.refused",
        tests=f"{_CATALOGUE}test_no_backup_is_taken_outside_the_server_room"
        f" {_CATALOGUE}test_a_terminal_that_was_taken_out_is_no_server_room_terminal",
    ),
    "BK-BAK-02": whole(
        N_("A backup leaves once, as approved by the security officer, to the medium that was approved."),
        by="backups.exports",
        acts=_LEAVING,
        tests=f"{_EXPORTS}test_nothing_leaves_in_any_state_but_approved"
        f" {_EXPORTS}test_only_the_security_officer_approves"
        f" {_EXPORTS}test_one_approval_serves_one_export"
        f" {_EXPORTS}test_a_backup_that_changed_after_approval_does_not_leave",
    ),
    "BK-BAK-03": whole(
        N_("Backups are taken at their hour; one that is late on the host or on a medium becomes a finding."),
        N_("Write the weekly medium by request."),
        by="backups.status console.nightly:take_due console.overdue",
        acts="backup.taken backup.verified backup.given-up output.written",
        tests="backups/test_status.py::test_a_backup_ages_and_becomes_late"
        " console/test_nightly.py::test_every_source_is_taken_once_a_day_and_once_after_downtime"
        " console/test_overdue.py::test_a_source_without_a_backup_in_time_is_one_finding_a_day",
    ),
    "BK-BAK-04": whole(
        N_("Backups are sealed, checked against a signed manifest, and proven by restoring them."),
        N_("Hold a restore drill of each source every month."),
        by="backups.sealing.age backups.verification backups.restoring",
        acts="backup.taken backup.verified backup.drilled backup.restored custody.entrusted custody.opened",
        tests=f"{_CATALOGUE}test_a_backup_is_taken_sealed_read_back_and_listed"
        " backups/test_restoring.py::test_a_drill_proves_the_backup_and_leaves_nothing_open"
        " backups/test_verification.py::test_a_changed_byte_of_the_sealed_file_is_found",
    ),
    "BK-MED-01": whole(
        N_("Only operators and system administrators ask for media output, and each output needs its approval."),
        N_("Look in each permission review whether everybody with the role still needs it."),
        by="backups.media.output",
        acts=_LEAVING,
        tests=f"{_OUTPUT}test_roles_without_the_right_cannot_ask"
        f" {_EXPORTS}test_only_those_who_run_the_systems_ask {_EXPORTS}test_nothing_leaves_in_any_state_but_approved",
    ),
    "BK-MED-02": whole(
        N_("Output is written at the terminals of the settings only, and never at a restricted one."),
        by="backups.media.output",
        acts="request.execution-refused output.started",
        tests=f"{_OUTPUT}test_output_only_from_terminals_that_may",
    ),
    "BK-MED-03": whole(
        N_(
            "Output goes to registered media only that show the approved identity. Flash memory is refused unless the"
            " settings allow it."
        ),
        by="backups.media.register backups.media.destinations console.media_findings",
        acts="medium.registered sighting.entered sighting.closed",
        tests=f"{_MEDIA}test_register.py::test_flash_memory_is_not_allowed_unless_the_site_says_so"
        f" {_MEDIA}test_disposal.py::test_a_disposed_medium_is_never_used_again"
        f" {_MEDIA}test_destinations.py::test_an_approval_for_one_medium_does_not_serve_another",
    ),
    "BK-MED-04": part(
        N_("What this console writes to a medium passes one gate. It prints nothing; other printing is found in logs."),
        N_("Control media ports and printers of the register system's terminals there."),
        by="backups.outputs",
        acts=f"{_LEAVING} request.execution-refused",
        tests=f"{_OUTPUT}test_a_backup_is_no_extract {_EXPORTS}test_nothing_leaves_in_any_state_but_approved",
        every=Period.YEAR,
    ),
    "BK-MED-05": whole(
        N_("Where the site asks for one, a witness signs before and after a backup or an extract is written."),
        N_("Be present while the medium is written."),
        by="accesscontrol.requests.decisions",
        acts="request.attested request.attestation-refused",
        tests=f"{_EXPORTS}test_a_witness_is_seated_first_where_the_site_asks_for_one"
        f" {_OUTPUT}test_an_output_makes_one_line_with_persons_medium_and_hash",
    ),
    "BK-MED-06": whole(
        N_("Every output has its line in the ledger, broken-off ones too, or nothing is left on the medium."),
        by="backups.ledger",
        acts=_LEAVING,
        tests=f"{_OUTPUT}test_an_output_makes_one_line_with_persons_medium_and_hash"
        f" {_EXPORTS}test_a_store_that_cannot_write_its_line_leaves_nothing_on_the_medium"
        f" {_MEDIA}test_killed.py::test_a_kill_in_the_middle_is_shown_as_broken_off_and_never_as_out",
    ),
    "BK-MED-07": whole(
        N_("Output of more persons than the threshold, at once or added up over the window, needs the output manager."),
        by="backups.media.output",
        acts="request.submission-refused output.written",
        tests=f"{_OUTPUT}test_more_persons_than_the_threshold_need_the_output_manager"
        f" {_OUTPUT}test_small_outputs_for_one_purpose_add_up_over_a_day",
    ),
    "BK-MED-08": whole(
        N_("Each medium has one place, each move its giver and receiver; stocktaking, keys and returns are listed."),
        N_("Count the media, and lock the store; enter paper in the ledger of forms."),
        by="backups.media.movements backups.media.stocktaking backups.media.storage_keys console.media_findings",
        acts="medium.registered medium.moved medium.checked stocktaking.begun stocktaking.closed storage-key.lent"
        " storage-key.returned",
        tests=f"{_MEDIA}test_movements.py::test_an_overdue_return_is_listed_until_it_is_back"
        f" {_MEDIA}test_stocktaking.py::test_every_gap_is_named_when_it_is_closed"
        " console/test_media_findings.py::test_what_a_stocktaking_did_not_see_is_one_for_each_medium"
        f" {_MEDIA}test_storage_keys.py::test_a_lent_key_is_missed_after_closing_time_until_it_is_back",
    ),
    "BK-MED-09": part(
        N_("Contractors' workers can't ask for an output here: their role has no part in it."),
        N_("Refuse takings-out by contractors, and state their number (expected: 0) each year."),
        by="backups.media.output",
        acts="output.written",
        tests=f"{_OUTPUT}test_roles_without_the_right_cannot_ask",
        every=Period.YEAR,
    ),
    "BK-MED-10": whole(
        N_("A medium of file 3 is handed over by the next business day, and one that stays becomes a finding."),
        by="backups.media.output console.overdue",
        acts="output.written output.ended",
        tests=f"{_OUTPUT}test_a_medium_of_file_3_is_handed_over_by_the_next_business_day"
        " console/test_overdue.py::test_a_medium_of_file_3_that_stays_is_a_finding_of_high_severity",
    ),
    "BK-DSP-01": part(
        N_(
            "Media past their storage period are listed; an end needs method, two persons and a reference, and the"
            " medium is never used again. A period is only lengthened, by the data's owner."
        ),
        N_("Have devices erased before they are scrapped or returned, and state it each year."),
        by="backups.media.disposal backups.media.periods backups.custody",
        acts="medium.disposed medium.period-moved backup.erased identity.destroyed",
        tests=f"{_MEDIA}test_disposal.py::test_a_disposed_medium_is_never_used_again"
        f" {_MEDIA}test_periods.py::test_a_period_is_never_shortened"
        f" {_MEDIA}test_disposal.py::test_a_disposal_with_a_gap_in_it_is_refused",
        every=Period.YEAR,
    ),
    "BK-DSP-02": part(
        N_("The line of a disposal names serial number, method, persons and day. Disks in servers are not counted."),
        N_("Enter the disks of the municipal CS as media before they are taken out."),
        by="backups.media.disposal",
        acts="medium.disposed stocktaking.closed",
        tests=f"{_MEDIA}test_disposal.py::test_the_line_names_serial_method_persons_and_everything_that_was_on_it",
        every=Period.YEAR,
    ),
    "BK-DSP-03": whole(
        N_("Each batch of forms runs through issue, hand-over, storage and disposal, no step left out."),
        N_("Enter the forms, and look at the list of those past their period each month."),
        by="backups.forms",
        acts="forms.issued forms.handed-over forms.stored forms.disposed",
        tests="backups/test_forms.py::test_no_step_is_skipped_or_repeated"
        " backups/test_forms.py::test_batches_past_their_period_are_listed",
    ),
}
