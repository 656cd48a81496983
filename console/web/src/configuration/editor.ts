/**
 * One of a list of the configuration in a form: which one is chosen stands in the address (`/admin/windows/w1`, `?add` for a
 * new one), what is typed is kept until it is saved or given up, and a change by somebody else overwrites neither.
 */
import { computed, type ComputedRef, reactive, type Ref, ref, shallowRef, type ShallowRef, watch } from "vue";
import { useRoute, useRouter } from "vue-router";

import type { ConfiguredPlace } from "@/api/facts";
import { useBoard } from "@/board/store";
import { useTexts } from "@/messages/text";

import { carriedOver, type Fields, isSame } from "./carrying";
import { type Collection, type Identified, useCollection } from "./collection";
import { faultWords } from "./faultWords";
import { useLeaving } from "./leaving";

export type Faults = Readonly<Partial<Record<string, string>>>;

/** What a screen says about its list. The name of its route has the optional parameter `one`. */
export interface Manner<Item extends Identified, Form extends Fields> {
  readonly collection: string;
  readonly route: string;
  /** The form of one to come; `items` are those that there are. */
  readonly empty: (items: readonly Item[]) => Form;
  readonly formOf: (item: Item) => Form;
  /** The object that a form means; of `before` stays what the form does not show. */
  readonly itemOf: (form: Form, before: Item | null) => Item;
  /** What can be said before the server is asked, by the fields that it would name. */
  readonly check?: (form: Form, before: Item | null, items: readonly Item[]) => Faults;
  /** True for what belongs to the site and to no hall. */
  readonly ofSite?: boolean;
}

export interface Editor<Item extends Identified, Form extends Fields> {
  readonly hall: Readonly<Ref<string>>;
  readonly list: Collection<Item>;
  /** Where one of the list lies. */
  readonly placeOf: (id: string) => ConfiguredPlace;
  readonly form: Form;
  /** The one that is open, as it was read; null while one is added, or none is open. */
  readonly before: Readonly<Ref<Item | null>>;
  readonly chosen: ComputedRef<string | null>;
  readonly isNew: ComputedRef<boolean>;
  readonly isOpen: ComputedRef<boolean>;
  readonly isChanged: ComputedRef<boolean>;
  /** True when the address names one that is not there. */
  readonly isNowhere: ComputedRef<boolean>;
  /** Faults in words, by the field that the server names. */
  readonly faults: ComputedRef<Faults>;
  /** What was done last: it is said until something else is done. */
  readonly done: Ref<"saved" | "removed" | null>;
  /** After reading anew: the fields that both changed, and whether the other removed it. */
  readonly carried: Readonly<Ref<{ readonly both: readonly string[]; readonly isGone: boolean } | null>>;
  readonly open: (id: string) => Promise<void>;
  readonly add: () => Promise<void>;
  readonly close: () => Promise<void>;
  readonly save: () => Promise<void>;
  readonly remove: () => Promise<void>;
  /** Read what stands now, and lay what was typed over it. */
  readonly readAnew: () => Promise<void>;
}

export function useEditor<Item extends Identified, Form extends Fields>(manner: Manner<Item, Form>): Editor<Item, Form> {
  const { t } = useTexts();
  const board = useBoard();
  const route = useRoute();
  const router = useRouter();
  const hall = ref(board.hallId);
  const owner = manner.ofSite === true ? ref(null) : hall;
  const list = useCollection<Item>(owner, manner.collection);
  const form = reactive({ ...manner.empty([]) }) as Form;
  const base = shallowRef<Form>({ ...form });
  const before = shallowRef(null) as ShallowRef<Item | null>;
  const upon = ref("");
  const local = shallowRef<Faults>({});
  const done = ref<"saved" | "removed" | null>(null);
  const carried = shallowRef<{ readonly both: readonly string[]; readonly isGone: boolean } | null>(null);
  /** What the form is about; null until the list is there. */
  const about = ref<string | null>(null);

  const isNew = computed(() => route.name === manner.route && "add" in route.query);
  const chosen = computed(() => {
    const { one } = route.params;
    return isNew.value || typeof one !== "string" || one === "" ? null : one;
  });
  const isRead = computed(() => list.load.value.value !== null);
  const isOpen = computed(() => about.value !== null && (isNew.value || before.value !== null || carried.value?.isGone === true));
  const isChanged = computed(() => isOpen.value && !isSame(form, base.value));
  const isNowhere = computed(() => isRead.value && chosen.value !== null && !isOpen.value && !list.load.isLoading.value);
  const faults = computed<Faults>(() => {
    const told = Object.entries(list.refusal.value?.fields ?? {}).map(([field, message]) => [field, faultWords(message ?? "", t)]);
    return { ...Object.fromEntries(told), ...local.value } as Faults;
  });
  const mayLeave = useLeaving(() => isChanged.value);

  watch([chosen, isNew, list.items], follow, { immediate: true });
  watch(form, () => {
    if (isChanged.value) done.value = null;
  });
  watch(() => board.hallId, (next) => void changeHall(next));
  // The halls are read anew whenever the configuration has changed, here or elsewhere.
  watch(() => board.halls, (_, known) => {
    if (known.length > 0 && !list.isSaving.value) void list.load.read();
  });

  /** Show what the address names, but never over what somebody typed. */
  function follow(): void {
    if (!isRead.value) return;
    const subject = isNew.value ? "?add" : (chosen.value ?? "");
    if (subject === about.value && isChanged.value) return;
    if (subject !== about.value) {
      list.refusal.value = null;
      local.value = {};
      carried.value = null;
    }
    about.value = subject;
    begin(list.items.value.find(({ id }) => id === chosen.value) ?? null);
  }

  function begin(item: Item | null): void {
    before.value = item;
    upon.value = list.etagOf(item?.id ?? "");
    base.value = item === null ? manner.empty(list.items.value) : manner.formOf(item);
    Object.assign(form, base.value);
  }

  async function changeHall(next: string): Promise<void> {
    if (next === hall.value) return;
    const known = hall.value;
    if (known !== "" && !(await mayLeave())) {
      board.chooseHall(known);
      return;
    }
    Object.assign(form, base.value);
    hall.value = next;
    about.value = null;
    // The halls may be known only after the screen: what the address names is to be opened then.
    if (known !== "") await close();
  }

  async function save(): Promise<void> {
    if (list.isSaving.value || !isOpen.value) return;
    list.refusal.value = null;
    local.value = manner.check?.(form, before.value, list.items.value) ?? {};
    if (Object.keys(local.value).length > 0) return;
    const made = await list.save(manner.itemOf(form, before.value), upon.value);
    if (made === null) return;
    carried.value = null;
    begin(made);
    if (isNew.value) await open(made.id);
    done.value = "saved";
  }

  async function remove(): Promise<void> {
    const item = before.value;
    if (item === null || !(await list.remove(item.id, upon.value))) return;
    base.value = { ...form };
    await close();
    done.value = "removed";
  }

  async function readAnew(): Promise<void> {
    const id = before.value?.id ?? null;
    await list.load.read();
    if (list.load.failure.value !== null) return;
    const now = list.items.value.find((one) => one.id === id) ?? null;
    const told = carriedOver(base.value, { ...form }, now === null ? base.value : manner.formOf(now));
    list.refusal.value = null;
    carried.value = { both: told.both, isGone: id !== null && now === null };
    begin(now);
    Object.assign(form, told.form);
  }

  async function open(id: string): Promise<void> {
    done.value = null;
    await router.push({ name: manner.route, params: { one: id } });
  }
  async function add(): Promise<void> {
    done.value = null;
    await router.push({ name: manner.route, params: { one: "" }, query: { add: null } });
  }
  async function close(): Promise<void> {
    await router.push({ name: manner.route, params: { one: "" } });
  }

  function placeOf(id: string): ConfiguredPlace {
    return { hall: owner.value, collection: manner.collection, id };
  }

  return { hall, list, placeOf, form, before, chosen, isNew, isOpen, isChanged, isNowhere, faults, done, carried, open, add, close, save, remove, readAnew };
}
