# Pages that need no login.

log-in = Log in
password = Password
login-help = No account or no password? An administrator can make you a setup link.
setup = Choose a password
setup-first = You are the first. This account becomes the administrator.
setup-for = For the account { $a }.
setup-dead = This link has been used or is too old. Ask an administrator for a new one.
setup-do = Set password
password-rule = At least 12 characters. A sentence is good. Nothing else is required.
known-now = Known right now
known-nothing-public = Nothing is reported for this shop.
next-word = Next word at { $a }
report-title = Report a fault
report-what = What does not work?
report-text = More, if you like
report-phone = Number to call back, if you like
report-send = Send report
report-privacy = What you write is read by the people who mend this, and erased when it is no longer needed.
report-taken = Thank you, we have it
report-number = Number { $a }, { $b }
report-others = { $n ->
     [one] One more shop has the same trouble.
    *[other] { $n } more shops have the same trouble.
 }
report-after = You need not call. This page says more when we know more.
login-wrong = Login or password is wrong.
login-locked = Too many wrong passwords. Wait a few minutes, then try again.
login-busy = Too many are logging in at this moment. Try again in a few seconds.
setup-address = The login must be an e-mail address, such as name@example.org.
setup-name = Say your name, on one line.
password-short = At least 12 characters: three or four unrelated words do well.
password-long = That is too long for a password.
password-repeats = This password repeats itself. Three or four unrelated words do well.
password-run = This password is a run of keys. Three or four unrelated words do well.
password-common = This password is one of those tried first. Three or four unrelated words do well.
password-personal = This password is your name or address with little beside it.
report-symptom-missing = Choose what does not work.
report-too-long = That is too long: at most 1,000 characters, and 40 for the number.
