import type { IconNode } from "lucide";
import type { ComponentProps } from "preact";
import { Icon } from "./icon.tsx";

interface IconButtonProps extends Omit<ComponentProps<"button">, "icon" | "label"> {
  readonly icon: IconNode;
  /** Its name, which is also shown when it is pointed at. */
  readonly label: string;
}

/** A button that shows an icon alone. */
export function IconButton({ icon, label, class: more, children, ...rest }: IconButtonProps) {
  const classes = typeof more === "string" ? `icon-button ${more}` : "icon-button";
  return (
    <button type="button" {...rest} class={classes} aria-label={label} title={label}>
      <Icon of={icon} />
      {children}
    </button>
  );
}
