/** How large an element is, kept current. */
import { onBeforeUnmount, onMounted, readonly, type Ref, ref } from "vue";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export function useElementSize(element: Readonly<Ref<HTMLElement | null>>): Readonly<Ref<Size>> {
  const size = ref<Size>({ width: 0, height: 0 });
  const observer = new ResizeObserver(([entry]) => {
    if (entry) size.value = { width: entry.contentRect.width, height: entry.contentRect.height };
  });
  onMounted(() => {
    if (element.value) observer.observe(element.value);
  });
  onBeforeUnmount(() => {
    observer.disconnect();
  });
  return readonly(size);
}
