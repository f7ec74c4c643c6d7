/** The face of the firmware: hosts that run the box's core, and the independent reader of its flash. */

export { auditImage, type Finding, type ImageCounters, type ImageReport } from './audit/image.ts';
export { FIRMWARE_FILE, type Firmware, loadFirmware } from './hosts/firmware.ts';
export {
  createFlash,
  FLASH_BYTES,
  type FlashOptions,
  FlashRuleBroken,
  type NorFlash,
  PowerCut,
  SECTOR_BYTES,
  type TornBits,
} from './hosts/flash.ts';
export { type FirmwareImage, loadImage } from './hosts/image.ts';
export { completeFlashFile, createQemuBox, type QemuBox, type QemuBoxOptions } from './hosts/qemu.ts';
export { createSerialBox, type SerialBox, type SerialBoxOptions, type SerialPorts } from './hosts/serial.ts';
export {
  BOX_PORTS,
  createSimBox,
  type SimBox,
  type SimBoxOptions,
  type StopReason,
  TRAPS_MAX,
} from './hosts/sim.ts';
