/** Puts the app together. */
import { createPinia } from "pinia";
import { createApp } from "vue";

import { client } from "@/api/client";
import { i18n, keptLocale } from "@/messages/text";
import { router } from "@/router";
import { useSession } from "@/session/session";
import "@/theme/elements";
import { startTheme } from "@/theme/theme";

import App from "./App.vue";

document.documentElement.lang = keptLocale();
startTheme();

const app = createApp(App).use(createPinia()).use(i18n).use(router);

const session = useSession();
client.connection.onLoggedOut = () => {
  session.forget();
  void router.push({ name: "login", query: { then: router.currentRoute.value.fullPath } });
};

client.connection.onReasonOwed = () => {
  void session.refresh();
};
client.connection.onSecondFactorOwed = () => {
  void session.refresh();
};
session.onLoggedOutElsewhere(() => {
  void router.push({ name: "login" });
});

app.mount("#app");
