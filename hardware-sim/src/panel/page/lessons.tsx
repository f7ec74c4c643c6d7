import { useEffect, useState } from 'react';
import { type LessonMarks, marksAfter, TRAINER_LESSONS, type TrainerLesson } from '../lessons.ts';
import { type TextKey, useRoom } from './room.ts';

/** The trainer's list: what to provoke, what the officers should then do, and whether it was put right. */
export const Lessons = () => {
  const { t, state, act } = useRoom();
  const [isOpen, setOpen] = useState(false);
  const [marks, setMarks] = useState<LessonMarks>({});
  useEffect(() => {
    setMarks((before) => marksAfter(before, state));
  }, [state]);
  return (
    <section className="part" data-part="lessons">
      <header>
        <h2>{t('lessons')}</h2>
        <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t(isOpen ? 'lessons.close' : 'lessons.open')}
        </button>
      </header>
      {isOpen ? (
        <>
          <p className="lead">{t('lessons.lead')}</p>
          <ol className="lessons">
            {TRAINER_LESSONS.map((lesson: TrainerLesson) => {
              const { id, deed } = lesson;
              const mark = marks[id as keyof LessonMarks] ?? 'waiting';
              return (
                <li key={id} data-mark={mark} data-lesson={id}>
                  <strong>{t(`lessons.${id}` as TextKey)}</strong> <em>{t(`lessons.mark.${mark}`)}</em>
                  <p>{t(`lessons.${id}.do` as TextKey)}</p>
                  {deed === undefined || mark === 'on' ? null : (
                    <button type="button" onClick={() => act(deed)}>
                      {t('lessons.provoke')}
                    </button>
                  )}
                </li>
              );
            })}
          </ol>
        </>
      ) : null}
    </section>
  );
};
