/** Which address shows which screen. All but the log-in need somebody to be logged in. */
import { createRouter, createWebHistory } from "vue-router";

import BoardView from "@/board/BoardView.vue";
import LoginView from "@/login/LoginView.vue";
import { useSession } from "@/session/session";

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", redirect: { name: "board" } },
    { path: "/login", name: "login", component: LoginView, meta: { open: true } },
    { path: "/board", name: "board", component: BoardView },
    { path: "/wall", name: "wall", component: () => import("@/board/WallView.vue") },
    { path: "/live", name: "live", component: () => import("@/live/LiveView.vue") },
    { path: "/live/:camera", name: "live-camera", component: () => import("@/live/LiveView.vue"), props: true },
    { path: "/replay", name: "search", component: () => import("@/replay/SearchView.vue") },
    { path: "/replay/camera/:camera", name: "replay-camera", component: () => import("@/replay/ReplayView.vue"), props: true },
    { path: "/replay/:transaction", name: "replay", component: () => import("@/replay/ReplayView.vue"), props: true },
    { path: "/alerts", name: "alerts", component: () => import("@/alerts/AlertsView.vue") },
    { path: "/evidence", name: "evidence", component: () => import("@/evidence/EvidenceView.vue") },
    { path: "/:rest(.*)*", name: "nowhere", component: () => import("@/shell/NowhereView.vue") },
  ],
});

router.beforeEach(async (to) => {
  const isLoggedIn = await useSession().ask();
  if (!isLoggedIn && to.meta.open !== true) return { name: "login", query: { then: to.fullPath } };
  if (isLoggedIn && to.name === "login") return { name: "board" };
  return true;
});
