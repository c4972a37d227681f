import type { IconNode } from "lucide";
import { Icon } from "../../ui/icon.tsx";

interface RowActionProps {
  readonly icon: IconNode;
  readonly label: string;
  readonly disabled?: boolean;
  readonly onPress: () => void;
}

/** A button of a row in a list. */
export function RowAction({ icon, label, disabled = false, onPress }: RowActionProps) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} disabled={disabled} onClick={onPress}>
      <Icon of={icon} />
    </button>
  );
}
