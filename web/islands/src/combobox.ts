/** A text field with a list below it: the ARIA pattern “combobox with list autocomplete”. Focus stays in the field. */

export interface Choice {
  name: string;
  /** What is said beside the name. */
  note?: string | undefined;
  /** BCP 47 tag, where the name is in another language than the page. */
  lang?: string | undefined;
}

export interface Handlers<T extends Choice> {
  /** Somebody took a choice. */
  take(choice: T): void;
  /** Words for a screen reader when the list changed; empty says nothing. */
  told(count: number): string;
}

let made = 0;

export class Combobox<T extends Choice> {
  readonly input: HTMLInputElement;
  private readonly list: HTMLUListElement;
  private readonly status: HTMLElement;
  private readonly handlers: Handlers<T>;
  private choices: readonly T[] = [];
  private active = -1;

  /** `input`, alone in its holder, becomes a combobox; its list is put behind it. `label` names the list. The field itself is not moved: that would take the focus from it. */
  constructor(input: HTMLInputElement, label: string, handlers: Handlers<T>) {
    this.input = input;
    this.handlers = handlers;
    const id = `choices-${++made}`;
    this.list = document.createElement("ul");
    this.list.id = id;
    this.list.className = "choices";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", label);
    this.status = document.createElement("span");
    this.status.className = "vh";
    this.status.setAttribute("role", "status");
    input.after(this.list, this.status);
    input.autocomplete = "off";
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", id]] as const)
      input.setAttribute(name, value);
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    // The field keeps the focus while a choice is pressed.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const item = (event.target as Element).closest("li");
      const choice = item && this.choices[[...this.list.children].indexOf(item)];
      if (choice) this.take(choice);
    });
  }

  get open(): boolean {
    return !this.list.hidden;
  }

  /** The choice that Enter would take. */
  get pointed(): T | undefined {
    return this.choices[this.active];
  }

  /** Shows choices; `first` points to the first of them. */
  show(choices: readonly T[], first = false): void {
    this.choices = choices;
    this.list.replaceChildren(...choices.map((choice, place) => this.item(choice, place)));
    this.list.hidden = choices.length === 0;
    this.input.setAttribute("aria-expanded", String(this.open));
    this.status.textContent = this.handlers.told(choices.length);
    this.point(first && this.open ? 0 : -1);
  }

  close(): void {
    this.choices = [];
    this.list.replaceChildren();
    this.list.hidden = true;
    this.status.textContent = "";
    this.input.setAttribute("aria-expanded", "false");
    this.point(-1);
  }

  private item(choice: T, place: number): HTMLLIElement {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${place}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    const name = document.createElement("span");
    name.dir = "auto";
    if (choice.lang) name.lang = choice.lang;
    name.textContent = choice.name;
    item.append(name);
    if (choice.note) {
      const note = document.createElement("small");
      note.textContent = choice.note;
      item.append(" ", note);
    }
    return item;
  }

  private point(place: number): void {
    this.list.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = place;
    const item = this.list.children[place];
    if (item) {
      item.setAttribute("aria-selected", "true");
      item.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", item.id);
    } else this.input.removeAttribute("aria-activedescendant");
  }

  private take(choice: T): void {
    this.close();
    this.handlers.take(choice);
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const count = this.choices.length;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && this.open) {
      // Behind the last choice, and before the first one, stands the field itself.
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.point(((this.active + 1 + step + count + 1) % (count + 1)) - 1);
      event.preventDefault();
    } else if (event.key === "Enter" && this.pointed) {
      event.preventDefault();
      this.take(this.pointed);
    } else if (event.key === "Escape" && this.open) {
      event.preventDefault();
      this.close();
    }
  }
}
