# Attributes of devices that are well known, and sorts of devices. A customer's own names stay as they are.

attribute-type = Type
attribute-vendor = Vendor
attribute-os = Operating system
attribute-os-version = OS version
attribute-software = Software
attribute-version = Version
attribute-rollout = Rollout
attribute-isp = Network provider
attribute-psp = Payment provider
attribute-circuit = Circuit
attribute-format = Store format
attribute-install-year = Year of installation
attribute-installed-on = Installed
attribute-serial = Serial number
attribute-asset-tag = Asset tag
attribute-warranty-until = Warranty until
group-everything = everything
device-self-scanners = Self-scanners
device-self-checkouts = Self-checkouts
device-tills = Tills
device-card-terminals = Card terminals
device-servers = Servers
