import { crc32 } from 'node:zlib';
import { Opcode } from '@mcap/core';
import {
  footerOf,
  isMagic,
  MCAP_MAGIC,
  RECORD_HEADER,
  RecordDamage,
  type RecordingFile,
} from './read_recording_file.ts';

/** Follows the checksums of data section and summary, and tells the end of the file. */
export class RecordingChecksums {
  /** The file is whole. */
  done = false;
  private crc = crc32(MCAP_MAGIC);
  private ended = false;
  private summary_start = 0;

  /** Throws RecordDamage where a checksum does not hold, and for what follows the footer. */
  async add(file: RecordingFile, offset: number, record: Uint8Array): Promise<void> {
    if (record[0] === Opcode.DATA_END) {
      if (this.ended || record.length !== RECORD_HEADER + 4) throw new RecordDamage('an end of data out of place');
      this.expect(Buffer.from(record).readUInt32LE(RECORD_HEADER), 'data section');
      [this.ended, this.crc, this.summary_start] = [true, 0, offset + record.length];
    } else if (record[0] === Opcode.FOOTER) {
      this.crc = crc32(record.subarray(0, record.length - 4), this.crc);
      const { summary_start, summary_crc } = footerOf(record);
      const end = offset + record.length;
      if (!this.ended) throw new RecordDamage('a footer before the end of data');
      this.expect(summary_crc, 'summary');
      if (summary_start !== 0 && summary_start !== this.summary_start) {
        throw new RecordDamage(`a footer that names byte ${summary_start} as the start of the summary`);
      }
      if (end + MCAP_MAGIC.length > file.bytes) throw new RecordDamage('it was not finished');
      if (!isMagic(await file.at(end, MCAP_MAGIC.length))) throw new RecordDamage('the end is none of an MCAP file');
      if (end + MCAP_MAGIC.length < file.bytes) throw new RecordDamage('something follows the end');
      this.done = true;
    } else {
      this.crc = crc32(record, this.crc);
    }
  }

  private expect(stated: number, what: string): void {
    if (stated !== 0 && stated !== this.crc) throw new RecordDamage(`the ${what} fails its checksum`);
  }
}
