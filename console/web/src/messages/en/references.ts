/** What refers to a part of the configuration that is to be removed. */
export const references = {
  references: {
    title: "Remove {name}",
    first: "It cannot be removed yet. Change first what refers to it:",
    free: "Nothing refers to {name}. It is taken out of the configuration; what was recorded about it stays, and it can be restored under “Versions”.",
    remove: "Remove",
    last: "It is the last one, and a hall needs one: add another first",
    window: "Window {name}",
    person: "{name}, of the staff",
    camera: "Zones on camera {name}",
    hiddenCamera: "Zones on a camera that you may not see",
    item: "Item {name}",
    rule: "Rule {name}",
    shifts: "Shifts to come: {n}, the first on {day}",
    leaves: "Leave that is not over: {n}",
  },
};
