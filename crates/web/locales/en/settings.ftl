# Tokens, import, users.

tokens = Tokens
import = Import
users = Users
token-made = Token made for { $a }
token-once = Copy it now. It is stored only as a hash and is not shown again.
first-signal = The first signal
first-signal-do = Paste this in a terminal. The site turns up as heard within a second.
tokens-empty = No tokens. Every sender of signals has its own, fixed to one customer.
id = Id
made = Made
used = Last used
revoke = Revoke
revoke-what = What sends with it is refused from that moment. It cannot be undone.
revoke-do = Revoke now
user-change = Change
role-change = Change role
setup-link-ends = The old password and all sessions end.
user-disable = Take the login away
user-disable-what = The person is out at once. What they did stays in the journal.
revoked-at = revoked { $a }
token-new = New token
token-for = What sends with it
token-for-example = POS export, chain server
token-create = Make token
import-done = Done: { $a } and { $b } are registered.
dry-run = Dry run: nothing has been changed
would-add = Would be added
would-change = Would change
already-so = Already so
dry-run-good = Every row can be read. Carry it out when the numbers are as you expect.
import-do = Carry out the import
import-wrong = { $n ->
     [one] One fault
    *[other] { $n } faults
 } in { $m ->
     [one] one row.
    *[other] { $m } rows.
 }
import-wrong-many = { $n } faults.
import-wrong-do = Nothing can be imported until all is corrected.
file = File
line = Line
field = Field
why = Why
import-what = All or nothing, and a dry run first. Every column beyond those below becomes an attribute that explanations can name.
dry-run-do = Dry run
setup-link-for = Setup link for { $a }
setup-link-what = Hand it over in person or by a safe channel. It works once, until { $a }.
setup-link-new = New setup link
login-name = Login
seen = Last seen
not-set-up = has not set a password
user-new = New user
user-create = Make user and setup link
api-title = REST
api-what = Every address, from the document that programs read. What is sent from here is sent as you.
api-in-english = The descriptions are in English.
api-no-script = The list needs JavaScript; the document itself does not.
