"""What the shipped rules say to people, marked for translation; a test keeps it equal to the rule files."""

from typing import Final

from accesscontrol.messages import N_

WORDS: Final = (
    N_("Access on a closed day"),
    N_(
        "{account} used {system} {count} times from {first} to {last}, a day on which {office} is "
        "closed. No approved work covers it."
    ),
    N_("A special opening day that is not entered in the calendar."),
    N_("Dormant ID in use again"),
    N_(
        "{account} was used on {system} {count} times from {first} to {last}, after ninety days or more "
        "without any use. Terminals: {terminals}; addresses: {sources}."
    ),
    N_("A return from long leave."),
    N_("Failure burst without names"),
    N_(
        "{count} sign-ins to {system} from {sources} failed from {first} to {last}, at least five within "
        "ten minutes. The log tells no name: IDs that do not exist were tried."
    ),
    N_("A check of the network that was announced."),
    N_("Failure burst at one terminal"),
    N_(
        "{count} sign-ins to {system} failed at the terminal {terminals} from {first} to {last}; IDs tried: {accounts}."
    ),
    N_("A counter shared by many in the morning rush."),
    N_("Failure burst of one ID"),
    N_(
        "{count} sign-ins of {account} to {system} failed from {first} to {last}, from {sources}: at "
        "least five within ten minutes."
    ),
    N_("A stored password that was not renewed after a change."),
    N_("Far more look-ups than usual for this person"),
    N_(
        "{account} looked up {count} times on {system} from {first} to {last}: at least four times as "
        "much as on a usual day of this account."
    ),
    N_("A new duty, or the rush of spring."),
    N_("Use of a lapsed ID"),
    N_("{account} was used on {system} {count} times from {first} to {last}, although it was {state} at that time."),
    N_("An extension that was granted but not entered."),
    N_("Mass output, no application"),
    N_(
        "{account} put out {subjects} persons from {system} in {count} acts from {first} to {last}, and "
        "no approved application covers it. Several small outputs add up."
    ),
    N_("A mass procedure of the season, such as that before an election."),
    N_("Very many persons printed within a day"),
    N_(
        "{account} printed {subjects} persons on {system} in {count} acts from {first} to {last}: at "
        "least 200 within 24 hours."
    ),
    N_("Very many searches within an hour"),
    N_("{account} searched or viewed {count} times on {system} from {first} to {last}: at least 100 within an hour."),
    N_("Access outside opening hours"),
    N_(
        "{account} used {system} {count} times from {first} to {last}, outside the opening hours of "
        "{office}. No approved overtime covers it."
    ),
    N_("Overtime that was approved on paper only; an office whose hours are not entered."),
    N_("One resident looked up by many"),
    N_("{account_count} IDs looked up the same resident ({objects}) on {system} from {first} to {last}: {accounts}."),
    N_("A resident who went through several counters."),
    N_("One address tries many IDs"),
    N_(
        "From {sources}, sign-ins of {account_count} IDs to {system} failed {count} times from {first} "
        "to {last}: {accounts}."
    ),
    N_("A gateway behind which many people sign in."),
    N_("Unapproved output or backup"),
    N_(
        "{account} wrote data of {subjects} persons from {system} to a medium, {count} times from "
        "{first} to {last}. No approved request matches; the log names {applications}."
    ),
    N_("A request that was approved under another ID of the same person."),
    N_("Privileged act refused"),
    N_("{account} was refused a privileged act on {system} {count} times from {first} to {last}: {objects}."),
    N_("A mistyped password at sudo."),
    N_("Manual provision without approval"),
    N_(
        "{account} provided data of {subjects} persons through {system}, {count} times from {first} to "
        "{last}, without an approval of the superior."
    ),
    N_("Automatic provision under an ID that is not marked as a service."),
    N_("Use of the ID of someone who left"),
    N_(
        "{account} was used on {system} {count} times from {first} to {last}, although the person has "
        "left. Terminals: {terminals}; addresses: {sources}."
    ),
    N_("A leaving date entered too early."),
    N_("Direct sign-in as root"),
    N_(
        "root signed in to {system} directly {count} times from {first} to {last}, from {sources}. Which "
        "person it was cannot be told."
    ),
    N_("An agreed recovery at the console."),
    N_("Search with fewer than two attributes"),
    N_(
        "{account} searched {system} {count} times from {first} to {last} with fewer than two of name, "
        "birth date and address. Persons found: {subjects}."
    ),
    N_("A search by a number that the log does not name."),
    N_("Failed sign-ins"),
    N_(
        "{count} sign-ins of {account_count} IDs to {system} failed from {first} to {last}: {accounts}. "
        "From: {sources}."
    ),
    N_("A mistyped password."),
    N_("Sign-in after a run of failures"),
    N_(
        "{account} signed in to {system} at {last} right after a run of failed sign-ins, from {sources}. "
        "The password may have been guessed."
    ),
    N_("Someone who remembered the right password at last."),
    N_("One terminal cycles through IDs"),
    N_("At the terminal {terminals}, {account_count} IDs signed in to {system} from {first} to {last}: {accounts}."),
    N_("A shared counter at a change of shifts."),
    N_("Terminal meant for others"),
    N_("{account} used {system} {count} times from {first} to {last} at {terminals}, which is meant for others."),
    N_("A stand-in for a colleague."),
    N_("One ID on two terminals at once"),
    N_("{account} was used on {system} at {terminals} within five minutes, {count} events from {first} to {last}."),
    N_("Someone who moved from one counter to the next without signing out."),
    N_("Use of an ID that is in no ledger"),
    N_("{account} was used on {system} {count} times from {first} to {last}, but no ledger holds this ID."),
    N_("A system's own account that is not in the ledger yet."),
    N_("Unregistered terminal"),
    N_(
        "{account} used {system} {count} times from {first} to {last} at a terminal that is not "
        "registered: {terminals}."
    ),
    N_("A terminal that was replaced and not entered yet."),
    N_("Use from outside networks"),
    N_(
        "{account_count} IDs ({accounts}) were seen on {system} {count} times from {first} to {last} from "
        "{sources}, outside the expected networks."
    ),
    N_("A network that is not entered."),
    N_("Audit log cleared or stopped"),
    N_("{account} cleared or stopped the log {objects} on {system}, or changed what it records, at {last}."),
    N_("A restart of the machine, or a change of settings that was approved."),
    N_("Gap in a log's running numbers"),
    N_(
        "In the log of {system}, running numbers are missing at {count} places from {first} to {last}. Beside"
        " them stand acts of {accounts}."
    ),
    N_("An export by conditions, which leaves lines out."),
    N_("Sign-in with one factor only"),
    N_(
        "{account} signed in to {system} {count} times from {first} to {last} with one factor only. "
        "Terminals: {terminals}; addresses: {sources}."
    ),
    N_("A reader of fingerprints that was out of order, with an approved substitute."),
    N_("Use of another office's terminal"),
    N_(
        "{account} used {system} {count} times from {first} to {last} at {terminals}, which stands in another"
        " office: {office}."
    ),
    N_("Support of another office."),
    N_("Far more output than usual for this person"),
    N_(
        "{account} put out {subjects} persons from {system} in {count} acts from {first} to {last}: at least "
        "four times as many as on a usual day of this account."
    ),
    N_("A new duty, or a mass procedure of the season."),
    N_("Use of one's own or the household's record"),
    N_(
        "{account} used the record {objects} on {system} {count} times from {first} to {last}: it is the "
        "person's own or of the same household."
    ),
    N_("A procedure of the household that a colleague could not take over."),
    N_("Privileged change outside a controlled session"),
    N_(
        "{account} acted with administrator rights on {system} {count} times from {first} to {last}, outside "
        "any approved session: {objects}."
    ),
    N_("An emergency that is not reported yet."),
    N_("Use of a colleague's record"),
    N_(
        "{account} used the record {objects} on {system} {count} times from {first} to {last}: it is that of "
        "a colleague of the same office."
    ),
    N_("A colleague who came to the counter as a resident."),
    N_("Query outside the affairs of the office"),
    N_(
        "{account} asked the addressee function {count} times from {first} to {last} for affairs that {office} does "
        "not have. Records: {objects}."
    ),
    N_("An affair that moved to another office and is not entered yet."),
    N_("Sign-in without sign-out"),
    N_(
        "{count} sign-ins of {account} to {system} from {first} to {last} were followed by no sign-out. "
        "Terminals: {terminals}."
    ),
    N_("A connection that broke, or a log that ends before the sign-out."),
    N_("Transfer that arrived otherwise than it was sent"),
    N_(
        "{count} transfers from {senders} to {targets} from {first} to {last} arrived with another content "
        "than was sent. Numbers: {sessions}."
    ),
    N_("A count that the two systems take differently."),
    N_("Failed transfers"),
    N_("{count} transfers from {senders} to {targets} failed from {first} to {last}. Numbers: {sessions}."),
    N_("A repetition that succeeded afterwards."),
    N_("Transfer of a host that is no registered server"),
    N_(
        "{count} transfers or receipts between {senders} and {targets} from {first} to {last} are of {sources}, "
        "which is no registered server of these systems in the data centre."
    ),
    N_("A server that was replaced and not entered yet."),
    N_("Transfer over a forbidden link"),
    N_(
        "{count} transfers from {senders} to {targets} from {first} to {last} went over a link that must not "
        "be. Numbers: {sessions}."
    ),
    N_("A wrong name of a system in the log."),
    N_("Transfer without acknowledgement"),
    N_(
        "{count} transfers from {senders} to {targets} from {first} to {last} were not acknowledged in time "
        "or were refused. Numbers: {sessions}."
    ),
    N_("A log of the other side that was not imported yet."),
    N_("Transfer outside the permitted pairs"),
    N_(
        "{count} transfers from {senders} to {targets} from {first} to {last}: this link is not declared. "
        "Numbers: {sessions}."
    ),
    N_("A new link that is approved but not entered."),
)
