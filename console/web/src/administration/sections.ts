/** The parts of the administration: which screen each is, and who may open it. */
import type { Permission } from "@/api/facts";
import type { MessageKey } from "@/messages/text";

export interface Section {
  /** The name of its route. */
  readonly route: string;
  readonly path: string;
  readonly needs: Permission;
  readonly label: MessageKey;
}

const SECTIONS: readonly Section[] = [
  { route: "admin-cameras", path: "/admin/cameras", needs: "configure", label: "administration.sectionCameras" },
  { route: "admin-windows", path: "/admin/windows", needs: "configure", label: "administration.sectionWindows" },
  { route: "admin-units", path: "/admin/units", needs: "configure", label: "administration.sectionUnits" },
  { route: "admin-staff", path: "/admin/staff", needs: "configure", label: "administration.sectionStaff" },
  { route: "admin-items", path: "/admin/items", needs: "configure", label: "places.items" },
  { route: "admin-rules", path: "/admin/rules", needs: "configure", label: "ruleAdmin.title" },
  { route: "admin-notifiers", path: "/admin/notifiers", needs: "configure", label: "notifierAdmin.title" },
  { route: "admin-roster", path: "/admin/roster", needs: "roster", label: "roster.title" },
  { route: "admin-calendar", path: "/admin/calendar", needs: "configure", label: "roster.calendarTitle" },
  { route: "admin-users", path: "/admin/users", needs: "users", label: "administration.sectionUsers" },
  { route: "admin-keys", path: "/admin/keys", needs: "users", label: "administration.sectionKeys" },
  { route: "admin-versions", path: "/admin/versions", needs: "configure", label: "versions.title" },
  { route: "admin-refused", path: "/admin/refused", needs: "queue", label: "administration.sectionRefused" },
  { route: "admin-storage", path: "/admin/storage", needs: "system", label: "storage.title" },
  { route: "admin-system", path: "/admin/system", needs: "system", label: "system.title" },
  { route: "admin-begin", path: "/admin/begin", needs: "configure", label: "guide.title" },
];

/** The parts that somebody may open, of those whose screens exist. */
export function openSections(may: (one: Permission) => boolean, exists: (route: string) => boolean): readonly Section[] {
  return SECTIONS.filter(({ needs, route }) => may(needs) && exists(route));
}

/** Whether an address is that of a part, or lies below it. */
export function isWithin(section: Section, path: string): boolean {
  return path === section.path || path.startsWith(`${section.path}/`);
}
