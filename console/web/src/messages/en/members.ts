/** The fields of parts of the configuration, and the administration of notifiers. */
export const members = {
  members: {
    unitOf: "Unit of: {label}",
  },
  lengthUnit: {
    hour: "hours",
    minute: "minutes",
    second: "seconds",
  },
  notifierAdmin: {
    title: "Notifiers",
    lead: "Who is told about alerts, how, and whether it arrives",
    add: "Add a notifier",
    none: "Nobody is told: alerts show on the console alone. Add a notifier, then send a test",
    idHint: "The escalation and the audit trail name it so.",
    receiver: "Receiver",
    secrets: "Passwords and tokens are named, never written down: {variable}, a variable that is set where the alerts role runs. What stands here as ••• is kept and not shown; leave it and it stays.",
    hears: "What it hears of",
    way: "How it is told",
    standing: "How it fares",
    noStanding: "Nothing is known of it yet",
    testLead: "The alerts role sends a message that says that it is a test, over the same way as every alert. It stands in the audit trail.",
    saveFirst: "Save first: what is in force is tested.",
  },
  notifierHint: {
    url: "Begins with https:// or http://",
    robot: "The address of the group robot, its token named",
    secret: "A named variable; empty: none",
    prefix: "Stands before every message: the keyword of a robot, the sender of a text message",
    lines: "One a line",
    call: "May hold what is filled in of the message, as in the body",
    headers: "One a line, as Name: value",
    options: "One a line, as name: value",
    pace: "Empty: what this kind can bear",
    all: "All",
  },
  notifierLanguage: {
    "zh-CN": "Chinese",
    en: "English",
  },
  signalCall: {
    serious: "Address for: serious",
    warning: "Address for: warning",
    attention: "Address for: attention",
    clear: "Address for: no alert",
  },
};
