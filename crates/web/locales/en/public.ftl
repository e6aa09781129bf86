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
known-nothing-public = We know of no trouble in this shop.
next-word = Next word at { $a }
report-title = Report a fault
report-what = What does not work?
report-text = More, if you like
report-phone = Number to call back, if you like
report-send = Send report
report-privacy = What you write is read by the people who mend this, and erased when it is no longer needed.
report-taken = Thank you, we have it
report-number = Number { $a }, { $b }
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
notice-since = Since { $a } ({ $b }).
notice-reports = { $n ->
     [one] One report has come in about it.
    *[other] { $n } reports have come in about it.
 }
notice-reported = Reported from here: { $a }, { $b }. Those on duty see it.
notice-self-scanning = Self-scanning does not work here.
notice-tills = Tills do not work here.
notice-all = As far as we can see, nothing is sold here.
notice-cards = Card payment does not work here.
notice-network = We have no contact with this shop.
notice-unsure = No sales from this shop reach us.
notice-some = Some devices do not work here.
advice-self-scanning = Let customers use the tills.
advice-tills = Let customers use the self-scanners and the tills that work. If nothing works, call the service desk.
advice-all = Try one till. If it sells, go on selling there. If nothing works, call the service desk.
advice-cards = Take payment in another way where you can. If you cannot take payment at all, call the service desk.
advice-network = If the tills work, go on selling. If nothing works, see that the network box has power, then call the service desk.
advice-some = Use what works. If you cannot sell, call the service desk.
report-others = { $n ->
     [one] One more shop has the same trouble.
    *[other] { $n } more shops have the same trouble.
 }
