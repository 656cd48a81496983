/** Which address shows which screen. All but the log-in need somebody to be logged in. */
import { createRouter, createWebHistory, type RouteLocationRaw } from "vue-router";

import { openSections } from "@/administration/sections";
import type { Permission } from "@/api/facts";
import BoardView from "@/board/BoardView.vue";
import LoginView from "@/login/LoginView.vue";
import { useSession } from "@/session/session";
import ForbiddenView from "@/shell/ForbiddenView.vue";

declare module "vue-router" {
  interface RouteMeta {
    /** True for what needs nobody to be logged in. */
    readonly open?: boolean;
    /** What a user must be permitted to be shown this. */
    readonly needs?: readonly Permission[];
  }
}

/** The administration begins with the first part that is open to who asks. */
function firstOfAdministration(): RouteLocationRaw | true {
  const session = useSession();
  const [first] = openSections((one) => session.may(one), (name) => router.hasRoute(name));
  return first ? { name: first.route } : true;
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", redirect: { name: "board" } },
    { path: "/login", name: "login", component: LoginView, meta: { open: true } },
    { path: "/board", name: "board", component: BoardView, meta: { needs: ["board"] } },
    { path: "/wall", name: "wall", component: () => import("@/board/WallView.vue"), meta: { needs: ["board"] } },
    { path: "/live", name: "live", component: () => import("@/live/wall/LiveWallView.vue"), meta: { needs: ["live"] } },
    { path: "/live/:camera", name: "live-camera", component: () => import("@/live/LiveView.vue"), props: true, meta: { needs: ["live"] } },
    { path: "/replay", name: "search", component: () => import("@/search/SearchView.vue"), meta: { needs: ["search"] } },
    { path: "/replay/camera/:camera", name: "replay-camera", component: () => import("@/replay/ReplayView.vue"), props: true, meta: { needs: ["replay"] } },
    { path: "/replay/:transaction", name: "replay", component: () => import("@/replay/ReplayView.vue"), props: true, meta: { needs: ["search", "replay"] } },
    { path: "/alerts", name: "alerts", component: () => import("@/alerts/desk/DeskView.vue"), meta: { needs: ["alerts"] } },
    { path: "/alerts/all", name: "all-alerts", component: () => import("@/alerts/AlertsView.vue"), meta: { needs: ["alerts"] } },
    { path: "/evidence", name: "evidence", component: () => import("@/evidence/EvidenceView.vue"), meta: { needs: ["evidence"] } },
    { path: "/evidence/locks", name: "locks", component: () => import("@/locks/LocksView.vue"), meta: { needs: ["evidence"] } },
    { path: "/audit", name: "audit", component: () => import("@/audit/AuditView.vue"), meta: { needs: ["audit"] } },
    { path: "/account", name: "account", component: () => import("@/account/AccountView.vue") },
    { path: "/admin", name: "admin", component: ForbiddenView, beforeEnter: firstOfAdministration },
    { path: "/admin/roster", name: "admin-roster", component: () => import("@/roster/RosterView.vue"), meta: { needs: ["roster"] } },
    { path: "/admin/calendar", name: "admin-calendar", component: () => import("@/calendar/CalendarView.vue"), meta: { needs: ["configure"] } },
    { path: "/admin/users", name: "admin-users", component: () => import("@/administration/UsersView.vue"), meta: { needs: ["users"] } },
    { path: "/admin/keys", name: "admin-keys", component: () => import("@/administration/KeysView.vue"), meta: { needs: ["users"] } },
    { path: "/admin/refused", name: "admin-refused", component: () => import("@/administration/RefusedView.vue"), meta: { needs: ["queue"] } },
    { path: "/admin/rules/:one?", name: "admin-rules", component: () => import("@/rules/RulesView.vue"), meta: { needs: ["configure"] } },
    { path: "/admin/notifiers/:one?", name: "admin-notifiers", component: () => import("@/notifiers/NotifiersView.vue"), meta: { needs: ["configure"] } },
    { path: "/admin/versions", name: "admin-versions", component: () => import("@/versions/VersionsView.vue"), meta: { needs: ["configure"] } },
    { path: "/admin/cameras", name: "admin-cameras", component: () => import("@/cameras/CamerasView.vue"), meta: { needs: ["configure"] } },
    { path: "/admin/cameras/new", name: "admin-camera-new", component: () => import("@/cameras/CameraView.vue"), meta: { needs: ["configure"] } },
    { path: "/admin/cameras/:camera", name: "admin-camera", component: () => import("@/cameras/CameraView.vue"), props: true, meta: { needs: ["configure"] } },
    { path: "/admin/cameras/:camera/zones", name: "admin-zones", component: () => import("@/cameras/ZonesView.vue"), props: true, meta: { needs: ["configure", "live"] } },
    { path: "/admin/system", name: "admin-system", component: () => import("@/system/SystemView.vue"), meta: { needs: ["system"] } },
    { path: "/admin/windows/:one?", name: "admin-windows", component: () => import("@/places/WindowsView.vue"), meta: { needs: ["configure"] } },
    { path: "/admin/units/:one?", name: "admin-units", component: () => import("@/places/UnitsView.vue"), meta: { needs: ["configure"] } },
    { path: "/admin/staff/:one?", name: "admin-staff", component: () => import("@/places/StaffView.vue"), meta: { needs: ["configure"] } },
    { path: "/admin/items/:one?", name: "admin-items", component: () => import("@/places/ItemsView.vue"), meta: { needs: ["configure"] } },
    { path: "/admin/storage", name: "admin-storage", component: () => import("@/system/StorageView.vue"), meta: { needs: ["system"] } },
    { path: "/admin/begin", name: "admin-begin", component: () => import("@/guide/GuideView.vue"), meta: { needs: ["configure"] } },
    { path: "/:rest(.*)*", name: "nowhere", component: () => import("@/shell/NowhereView.vue") },
  ],
});

router.beforeEach(async (to) => {
  // The screen is fetched while the server says who asks.
  for (const { components } of to.matched) {
    const screen: unknown = components?.default;
    if (typeof screen === "function" && to.meta.open !== true) void (screen as () => Promise<unknown>)();
  }
  const isLoggedIn = await useSession().ask();
  if (!isLoggedIn && to.meta.open !== true) return { name: "login", query: { then: to.fullPath } };
  if (isLoggedIn && to.name === "login") return { name: "board" };
  return true;
});
